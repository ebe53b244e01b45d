"""Domains of free mail providers (gmail.com …), whose users have no company in common."""

ROWS = (
    "gmail.com googlemail.com outlook.com outlook.de hotmail.com hotmail.de hotmail.co.uk hotmail.fr live.com live.de",
    "live.co.uk msn.com yahoo.com yahoo.de yahoo.co.uk yahoo.fr yahoo.es yahoo.it ymail.com rocketmail.com aol.com aol.de",
    "icloud.com me.com mac.com gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.eu web.de email.de freenet.de t-online.de online.de",
    "arcor.de vodafone.de vodafonemail.de 1und1.de posteo.de posteo.net mailbox.org mail.de kabelmail.de unitybox.de",
    "o2online.de o2mail.de ewetel.net bluewin.ch hispeed.ch sunrise.ch a1.net aon.at chello.at utanet.at proton.me",
    "protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com mail.com email.com fastmail.com",
    "fastmail.fm zoho.com hey.com yandex.ru yandex.com mail.ru inbox.ru list.ru bk.ru orange.fr wanadoo.fr free.fr",
    "laposte.net sfr.fr libero.it virgilio.it tiscali.it alice.it tin.it wp.pl onet.pl o2.pl interia.pl seznam.cz",
    "centrum.cz btinternet.com sky.com virginmedia.com talktalk.net comcast.net verizon.net att.net sbcglobal.net cox.net",
    "bellsouth.net charter.net earthlink.net juno.com qq.com 163.com 126.com naver.com hanmail.net rediffmail.com",
    "telenet.be skynet.be ziggo.nl kpnmail.nl home.nl planet.nl telia.com ukr.net abv.bg",
)
FREE_MAIL = frozenset(domain for row in ROWS for domain in row.split())


def company_of(email: str) -> str:
    """Return the domain of an address, "" for a free mail provider's."""
    domain = email.rpartition("@")[2]
    return "" if domain in FREE_MAIL else domain
