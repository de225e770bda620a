"""The refusals accounts can utter. `Refusal` is the base of every refusal of every app."""

from typing import Any

from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """A deed that may not be done, with a sentence fit for a user.

    `code` is stable and public (the API's error code); `fields` maps a form field to its sentences;
    `status` is the HTTP status the API answers with.
    """

    code = "refused"
    message: Any = _("지금은 할 수 없어요.")
    status = 422

    def __init__(
        self, message: Any = None, *, fields: dict[str, list[Any]] | None = None, code: str | None = None
    ) -> None:
        self.message = message or self.message
        self.fields = fields or {}
        self.code = code or self.code
        super().__init__(str(self.code))

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(Refusal):
    code = "not_allowed"
    message = _("이 일을 할 권한이 없어요. 대표에게 권한을 요청해 주세요.")
    status = 403


class FacingCustomer(Refusal):
    code = "facing"
    message = _("손님 앞 화면이 켜져 있어요. 여기에는 메모나 전화번호가 보이니, 끄고 나서 열어 주세요.")
    status = 403


class EmailNotVerified(Refusal):
    code = "email_not_verified"
    message = _("먼저 이메일 주소를 확인해 주세요. 확인 메일을 다시 보낼 수 있어요.")
    status = 403


class AlreadyOwner(Refusal):
    code = "already_owner"
    message = _("이 이메일로 이미 운영 중인 업체가 있어요. 다른 업체는 다른 이메일로 가입해 만들어 주세요.")


class AlreadyStaff(Refusal):
    code = "already_staff"
    message = _("이미 함께 일하고 있는 직원이에요.")


class LastOwner(Refusal):
    code = "last_owner"
    message = _("대표는 한 명 이상 있어야 해요. 다른 직원을 먼저 대표로 정해 주세요.")


class InvitationUnusable(Refusal):
    code = "invitation_unusable"
    message = _("이미 쓰였거나 기한이 지난 초대예요. 초대한 분에게 다시 보내 달라고 해 주세요.")


class InvitationForAnother(Refusal):
    code = "invitation_for_another"
    message = _("다른 이메일로 보낸 초대예요. 초대받은 이메일로 로그인해 주세요.")


class UploadRefused(Refusal):
    code = "upload_refused"
    message = _("이 파일은 올릴 수 없어요.")


class ExportExpired(Refusal):
    code = "export_expired"
    message = _("내려받을 수 있는 기간이 지났어요. 다시 만들어 주세요.")
    status = 404


class ReasonMissing(Refusal):
    code = "reason_missing"
    message = _("내보내는 이유를 적어 주세요. 법에 따라 기록으로 남겨요.")


class TagNotFound(Refusal):
    code = "not_found"
    message = _("찾는 태그가 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class InvalidTag(Refusal):
    code = "invalid"
    message = _("태그 이름을 1자에서 20자 사이로 적어 주세요.")
    itself = _("합칠 다른 태그를 골라 주세요.")


class TagNameTaken(Refusal):
    code = "tag_name_taken"
    message = _("같은 이름의 태그가 이미 있어요. 다른 이름을 적거나 두 태그를 합쳐 주세요.")


class TooManyTags(Refusal):
    code = "too_many_tags"
    message = _("태그는 200개까지 만들 수 있어요. 쓰지 않는 태그를 지우거나 합쳐 주세요.")
