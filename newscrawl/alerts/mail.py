"""A message by mail: its letter, and handing it to an SMTP server over an encrypted connection."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from newscrawl.alerts import rendering
from newscrawl.alerts.composing import Message
from newscrawl.alerts.wire import SHOWN, trouble
from newscrawl.errors import DeliveryError
from newscrawl.model import Mail
from newscrawl.text import clean


def letter(way: Mail, message: Message) -> bytes:
    """The letter in bytes: plain text and HTML, the same Message-ID whenever the same alerts are sent again."""
    mail = EmailMessage(policy=SMTP)
    domain = way.sender.rpartition("@")[2]
    mail["From"] = Address("newscrawl", addr_spec=way.sender)
    mail["To"] = ", ".join(way.to)
    # Set as one clean line: a header of more lines would raise here, and never leave.
    mail["Subject"] = clean(message.subject)
    mail["Date"] = message.at.astimezone(UTC)
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers of machines, please
    mail.set_content(rendering.text(message), cte="base64")
    mail.add_alternative(rendering.html(message), subtype="html", cte="base64")
    return mail.as_bytes()


def send(way: Mail, data: bytes, *, seconds: float) -> str | None:
    """Hands a letter to the server. Gives a remark where it took it for some recipients alone; raises DeliveryError if for none."""
    try:
        with _connected(way, seconds) as server:
            if way.user is not None and way.password is not None:
                server.login(way.user, way.password.reveal())
            refused = server.sendmail(way.sender, list(way.to), data)
    except smtplib.SMTPAuthenticationError as error:
        # Not what the server said of it: some repeat what they were given.
        raise DeliveryError(f"login refused ({error.smtp_code})") from None
    except smtplib.SMTPRecipientsRefused as error:
        raise DeliveryError(f"recipients refused: {_refusals(error.recipients)}") from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"the mail server {_said(error.smtp_code, error.smtp_error)}") from None
    except smtplib.SMTPServerDisconnected as error:
        # The library makes one of the other; only the words differ.
        late = isinstance(error.__context__, TimeoutError)
        raise DeliveryError("no answer in time" if late else "the mail server hung up") from None
    except smtplib.SMTPException as error:
        raise DeliveryError(
            f"the mail server cannot do what is needed ({clean(str(error))[:SHOWN]})"
        ) from None
    except (OSError, ValueError) as error:
        raise DeliveryError(trouble(error)) from None
    # The others have it: sent again for the sake of one wrong address, it would come to them every time.
    return f"recipients refused, the others have it: {_refusals(refused)}" if refused else None


def _connected(way: Mail, seconds: float) -> smtplib.SMTP:
    if way.tls == "ssl":
        return smtplib.SMTP_SSL(way.host, way.port, timeout=seconds, context=ssl.create_default_context())
    server = smtplib.SMTP(way.host, way.port, timeout=seconds)
    if way.tls == "starttls":
        try:
            server.starttls(
                context=ssl.create_default_context()
            )  # raises where the server offers none: nothing goes out unencrypted
        except BaseException:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.close()
            raise
    return server


def _refusals(recipients: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{address} {_said(code, said)}" for address, (code, said) in recipients.items())[:600]


def _said(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"answered {code}: {clean(text)[:SHOWN]}"
