"""What can be wrong with an uploaded sheet: each a class with a code and a sentence that says what to do."""

from django.utils.translation import gettext_lazy as _


class SheetProblem(Exception):
    """A file we cannot take as a roster; `code` is stable, `message` is fit for a user."""

    code = "sheet_problem"
    sentence = _("파일을 읽지 못했어요. 엑셀에서 열어 .xlsx로 다시 저장한 뒤 올려 주세요.")

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts

    @property
    def message(self) -> str:
        return str(self.sentence) % self.facts if self.facts else str(self.sentence)


class FileTooLarge(SheetProblem):
    code = "file_too_large"
    sentence = _("파일이 %(limit_mb)sMB보다 커요. 명단만 남기거나 여러 파일로 나누어 올려 주세요.")


class UnpacksTooLarge(SheetProblem):
    code = "unpacks_too_large"
    sentence = _("압축을 풀면 너무 커지는 파일이에요. 명단만 새 파일에 복사해 올려 주세요.")


class EmptyFile(SheetProblem):
    code = "empty_file"
    sentence = _("파일이 비어 있어요. 이름과 전화번호가 들어 있는 파일을 올려 주세요.")


class BrokenFile(SheetProblem):
    code = "broken_file"
    sentence = _("파일이 깨져서 열 수 없어요. 엑셀에서 열어 .xlsx로 다시 저장한 뒤 올려 주세요.")


class LockedFile(SheetProblem):
    code = "locked_file"
    sentence = _("암호가 걸린 파일이에요. 엑셀에서 암호를 풀고 저장한 뒤 올려 주세요.")


class UnknownKind(SheetProblem):
    code = "unknown_kind"
    sentence = _("명단 파일이 아닌 것 같아요. 엑셀(.xlsx, .xls)이나 CSV 파일을 올려 주세요.")


class WebPageFile(SheetProblem):
    code = "web_page_file"
    sentence = _("이름만 엑셀이고 속은 웹 페이지인 파일이에요. 엑셀에서 열어 .xlsx로 다시 저장한 뒤 올려 주세요.")


class WrongEncoding(SheetProblem):
    code = "wrong_encoding"
    sentence = _("글자가 깨져 있어요. 엑셀에서 ‘CSV UTF-8’이나 .xlsx로 다시 저장한 뒤 올려 주세요.")


class TooManyRows(SheetProblem):
    code = "too_many_rows"
    sentence = _("한 번에 %(limit)s줄까지 올릴 수 있어요. 파일을 나누어 올려 주세요.")


class TooWide(SheetProblem):
    code = "too_wide"
    sentence = _("표가 너무 넓어요. 이름과 전화번호가 있는 부분만 새 파일에 복사해 올려 주세요.")


class NoSuchSheet(SheetProblem):
    code = "no_such_sheet"
    sentence = _("고른 시트를 찾을 수 없어요. 시트를 다시 골라 주세요.")
