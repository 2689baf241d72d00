package io.keelson.apiserver.admission.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.errors.StatusDetails;
import io.keelson.apiserver.object.GoText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client is answered whose write a webhook has denied: the status that the webhook sent, with its name. */
final class Denial {
    private Denial() {}

    /** @param result a {@code Status}; null if the webhook sent none */
    static ApiException of(String webhook, @Nullable JsonNode result) {
        JsonNode status = result == null ? MissingNode.getInstance() : result;
        int code = status.path("code").asInt(0);
        String message = status.path("message").asText("");
        String reason = status.path("reason").asText("");
        String deniedBy = "admission webhook " + GoText.quoted(webhook) + " denied the request";
        String why = message.isEmpty() ? reason : message;
        String text = why.isEmpty() ? deniedBy + " without explanation" : deniedBy + ": " + why;
        ApiException denial = ApiException.of(named(reason), text, details(status.path("details")));
        return denial.withReason(reason).withCode(code >= 400 && code <= 599 ? code : Reason.BAD_REQUEST.code());
    }

    /** {@code admission webhook "x" does not support dry run}. */
    static ApiException ofDryRun(String webhook) {
        return ApiException.badRequest("admission webhook " + GoText.quoted(webhook) + " does not support dry run");
    }

    /** A webhook that had to be asked, and could not be. */
    static ApiException failed(String webhook, String why) {
        return ApiException.internal("failed calling webhook " + GoText.quoted(webhook) + ": " + why, null);
    }

    private static Reason named(String text) {
        for (Reason reason : Reason.values()) {
            if (reason.text().equals(text)) {
                return reason;
            }
        }
        return Reason.UNKNOWN;
    }

    private static StatusDetails details(JsonNode details) {
        if (!details.isObject()) {
            return StatusDetails.NONE;
        }
        List<StatusCause> causes = new ArrayList<>();
        for (JsonNode cause : details.path("causes")) {
            causes.add(new StatusCause(
                    cause.path("reason").asText(""),
                    cause.path("message").asText(""),
                    cause.path("field").asText("")));
        }
        return new StatusDetails(
                details.path("name").asText(""),
                details.path("group").asText(""),
                details.path("kind").asText(""),
                details.path("uid").asText(""),
                causes,
                details.path("retryAfterSeconds").asInt(0));
    }
}
