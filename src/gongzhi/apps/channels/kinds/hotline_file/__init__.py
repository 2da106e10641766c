"""A file of hotline tickets: CSV or XLSX, its columns mapped by data, dry-run first, refused rows as a file."""

KIND = "hotline_file"
