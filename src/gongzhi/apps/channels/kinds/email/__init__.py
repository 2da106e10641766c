"""E-mail to reporters: handed to one mail server over SMTP; what comes back is read as RFC 3464 says."""

KIND = "email"
