"""What WhatsApp writes in place of messages, in its languages. Another language is one more line in each list."""

_DELETED = """
this message was deleted
you deleted this message
diese nachricht wurde gelöscht
du hast diese nachricht gelöscht
se eliminó este mensaje
eliminaste este mensaje
este mensaje fue eliminado
ce message a été supprimé
vous avez supprimé ce message
questo messaggio è stato eliminato
hai eliminato questo messaggio
mensagem apagada
esta mensagem foi apagada
essa mensagem foi apagada
você apagou esta mensagem
apagou esta mensagem
dit bericht is verwijderd
u hebt dit bericht verwijderd
je hebt dit bericht verwijderd
ta wiadomość została usunięta
usunięto tę wiadomość
данное сообщение удалено
вы удалили данное сообщение
это сообщение удалено
bu mesaj silindi
bu mesajı sildiniz
det här meddelandet raderades
du raderade det här meddelandet
denne besked blev slettet
denne meldingen ble slettet
tämä viesti poistettiin
tato zpráva byla odstraněna
acest mesaj a fost șters
ez az üzenet törölve lett
αυτό το μήνυμα διαγράφηκε
pesan ini dihapus
anda menghapus pesan ini
تم حذف هذه الرسالة
הודעה זו נמחקה
यह संदेश हटा दिया गया
このメッセージは削除されました
此消息已删除
此訊息已刪除
삭제된 메시지입니다
null
"""

_OMITTED = """
image omitted
video omitted
audio omitted
gif omitted
sticker omitted
document omitted
contact card omitted
video note omitted
media omitted
bild weggelassen
video weggelassen
audio weggelassen
sticker weggelassen
imagen omitida
video omitido
audio omitido
sticker omitido
documento omitido
image absente
vidéo absente
audio omis
immagine omessa
video omesso
audio omesso
imagem ocultada
imagem omitida
vídeo omitido
áudio ocultado
áudio omitido
figurinha omitida
afbeelding weggelaten
video weggelaten
audio weggelaten
изображение отсутствует
видео отсутствует
аудиофайл отсутствует
görüntü dahil edilmedi
ses dahil edilmedi
missed voice call
missed video call
missed group voice call
missed group video call
verpasster sprachanruf
verpasster videoanruf
llamada perdida
videollamada perdida
appel vocal manqué
appel vidéo manqué
chiamata vocale persa
videochiamata persa
chamada de voz perdida
chamada de vídeo perdida
gemiste spraakoproep
gemiste video-oproep
пропущенный аудиозвонок
пропущенный видеозвонок
waiting for this message
waiting for this message. this may take a while
"""

_EDITED = """
this message was edited
diese nachricht wurde bearbeitet
se editó este mensaje
ce message a été modifié
questo messaggio è stato modificato
mensagem editada
esta mensagem foi editada
dit bericht is bewerkt
сообщение изменено
данное сообщение изменено
bu mesaj düzenlendi
wiadomość została edytowana
edytowano tę wiadomość
det här meddelandet redigerades
pesan ini diedit
"""


def _lines(block: str) -> frozenset[str]:
    return frozenset(line for line in block.splitlines() if line)


DELETED = _lines(_DELETED)
"""Whole messages, in lower case and without the full stop."""
OMITTED = _lines(_OMITTED)
"""Whole messages that stand for a picture, a sound, a file or a call."""
EDITED = _lines(_EDITED)
"""What stands in angle brackets behind a message that was changed."""
PLACES = (
    "location:",
    "live location shared",
    "standort:",
    "ubicación:",
    "localisation :",
    "localização:",
    "posizione:",
)
"""How messages begin that only show a place on a map, when an address of the web follows."""
