"""What every page is made of: what is asked for, in which language, and the answer in HTML, JSON or plain text."""
