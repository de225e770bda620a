"""Django's rules for passwords, with what to do instead."""

from django.contrib.auth import password_validation as rules
from django.utils.translation import gettext as _


class Unlike(rules.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return _("이름이나 이메일과 비슷한 비밀번호예요. 다른 말로 정해 주세요.")


class LongEnough(rules.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("비밀번호가 짧아요. %(n)d자 이상으로 정해 주세요.") % {"n": self.min_length}


class Uncommon(rules.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("많은 사람이 쓰는 비밀번호라 위험해요. 다른 비밀번호로 정해 주세요.")


class NotNumeric(rules.NumericPasswordValidator):
    def get_error_message(self) -> str:
        return _("숫자로만 된 비밀번호예요. 글자를 섞어 주세요.")
