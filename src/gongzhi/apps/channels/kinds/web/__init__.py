"""The resident's web form. Its views live with the pages; here is only what the channel is called."""

KIND = "web"
