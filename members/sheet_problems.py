"""What can be wrong with an uploaded sheet: each a refusal with a code and a sentence that says what to do."""

from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refusal


class SheetProblem(Refusal):
    """A file we cannot take as a roster; `facts` fill the sentence (limits and the like, never personal data)."""

    code = "sheet_problem"
    message = _("파일을 읽지 못했어요. 엑셀에서 열어 .xlsx로 다시 저장한 뒤 올려 주세요.")

    def __init__(self, **facts: object) -> None:
        super().__init__(str(self.message) % facts if facts else None)
        self.facts = facts


class FileTooLarge(SheetProblem):
    code = "file_too_large"
    message = _("파일이 %(limit_mb)sMB보다 커요. 명단만 남기거나 여러 파일로 나누어 올려 주세요.")


class UnpacksTooLarge(SheetProblem):
    code = "unpacks_too_large"
    message = _("압축을 풀면 너무 커지는 파일이에요. 명단만 새 파일에 복사해 올려 주세요.")


class EmptyFile(SheetProblem):
    code = "empty_file"
    message = _("파일이 비어 있어요. 이름과 전화번호가 들어 있는 파일을 올려 주세요.")


class BrokenFile(SheetProblem):
    code = "broken_file"
    message = _("파일이 깨져서 열 수 없어요. 엑셀에서 열어 .xlsx로 다시 저장한 뒤 올려 주세요.")


class LockedFile(SheetProblem):
    code = "locked_file"
    message = _("암호가 걸린 파일이에요. 엑셀에서 암호를 풀고 저장한 뒤 올려 주세요.")


class UnknownKind(SheetProblem):
    code = "unknown_kind"
    message = _("명단 파일이 아닌 것 같아요. 엑셀(.xlsx, .xls)이나 CSV 파일을 올려 주세요.")


class WebPageFile(SheetProblem):
    code = "web_page_file"
    message = _("이름만 엑셀이고 속은 웹 페이지인 파일이에요. 엑셀에서 열어 .xlsx로 다시 저장한 뒤 올려 주세요.")


class WrongEncoding(SheetProblem):
    code = "wrong_encoding"
    message = _("글자가 깨져 있어요. 엑셀에서 ‘CSV UTF-8’이나 .xlsx로 다시 저장한 뒤 올려 주세요.")


class TooManyRows(SheetProblem):
    code = "too_many_rows"
    message = _("한 번에 %(limit)s줄까지 올릴 수 있어요. 파일을 나누어 올려 주세요.")


class TooWide(SheetProblem):
    code = "too_wide"
    message = _("표가 너무 넓어요. 이름과 전화번호가 있는 부분만 새 파일에 복사해 올려 주세요.")


class StrayCell(SheetProblem):
    code = "stray_cell"
    message = _(
        "%(cell)s 칸이 명단에서 너무 멀리 떨어져 있어요. "
        "필요 없는 값이면 지우고, 필요하면 명단 옆으로 옮겨 다시 올려 주세요."
    )


class NoSuchSheet(SheetProblem):
    code = "no_such_sheet"
    message = _("고른 시트를 찾을 수 없어요. 시트를 다시 골라 주세요.")


class NoPhoneColumn(SheetProblem):
    code = "no_phone_column"
    message = _("전화번호가 있는 열을 찾지 못했어요. 어느 열이 전화번호인지 골라 주세요.")


class NoNameColumn(SheetProblem):
    code = "no_name_column"
    message = _("이름이 있는 열을 찾지 못했어요. 어느 열이 이름인지 골라 주세요.")


class NobodyInFile(SheetProblem):
    code = "nobody_in_file"
    message = _("명단에 사람이 한 명도 없어요. 파일이나 시트를 다시 골라 주세요.")
