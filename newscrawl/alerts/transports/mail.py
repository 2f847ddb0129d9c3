"""Mail: writes the letter and hands it to an SMTP server over an encrypted connection."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from newscrawl.alerts import rendering
from newscrawl.alerts.compose import Message
from newscrawl.errors import DeliveryError
from newscrawl.model import Mail
from newscrawl.text import clean

_SHOWN = 200  # characters of a server's answer


def letter(transport: Mail, message: Message) -> bytes:
    """The letter as plain text and HTML. Its Message-ID is the same whenever the same notices are sent again."""
    mail = EmailMessage(policy=SMTP)
    domain = transport.sender.rpartition("@")[2]
    mail["From"] = Address("newscrawl", addr_spec=transport.sender)
    mail["To"] = ", ".join(transport.to)
    # Cleaned to one line; EmailMessage refuses a header with line breaks.
    mail["Subject"] = clean(message.subject)
    mail["Date"] = message.at.astimezone(UTC)
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: prevents automatic replies
    mail.set_content(rendering.text(message), cte="base64")
    mail.add_alternative(rendering.html(message), subtype="html", cte="base64")
    return mail.as_bytes()


def send(transport: Mail, data: bytes, *, seconds: float) -> str | None:
    """Hands a letter to the server. Returns a remark if it refused some of the recipients.

    Raises DeliveryError if it accepted none, OSError if there is no connection.
    """
    try:
        with _connect(transport, seconds) as server:
            if transport.user is not None and transport.password is not None:
                server.login(transport.user, transport.password.reveal())
            refused = server.sendmail(transport.sender, list(transport.to), data)
    except smtplib.SMTPAuthenticationError as error:
        # Without the server's words, because some servers repeat the login.
        raise DeliveryError(f"login refused ({error.smtp_code})") from None
    except smtplib.SMTPRecipientsRefused as error:
        raise DeliveryError(f"recipients refused: {_refusals(error.recipients)}") from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"the mail server {_answer(error.smtp_code, error.smtp_error)}") from None
    except smtplib.SMTPServerDisconnected as error:
        # smtplib raises this after a time-out as well.
        late = isinstance(error.__context__, TimeoutError)
        raise DeliveryError("no answer in time" if late else "the mail server hung up") from None
    except smtplib.SMTPException as error:
        text = clean(str(error))[:_SHOWN]
        raise DeliveryError(f"the mail server cannot do what is needed ({text})") from None
    # A remark and not an error: sent again for one wrong address, the letter would reach the others every time.
    return f"recipients refused, the others have it: {_refusals(refused)}" if refused else None


def _connect(transport: Mail, seconds: float) -> smtplib.SMTP:
    host, port = transport.host, transport.port
    if transport.tls == "ssl":
        return smtplib.SMTP_SSL(host, port, timeout=seconds, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=seconds)
    if transport.tls == "starttls":
        try:
            # Raises if the server does not offer it, so nothing is sent unencrypted.
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.close()
            raise
    return server


def _refusals(recipients: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{address} {_answer(*answer)}" for address, answer in recipients.items())[:600]


def _answer(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"answered {code}: {clean(text)[:_SHOWN]}"
