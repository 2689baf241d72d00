package io.keelson.apiserver.admission.webhook;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.webhook.WebhookClient;
import io.keelson.apiserver.webhook.WebhookException;
import java.util.UUID;

/** Asks one webhook about a request. */
final class WebhookCall {
    private final WebhookClient client;
    private final boolean mutating;

    /** @param mutating whether the webhooks that are asked may send patches */
    WebhookCall(WebhookClient client, boolean mutating) {
        this.client = client;
        this.mutating = mutating;
    }

    /** A webhook that could not be asked, or did not answer in a way that can be understood. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int code;

        /** @param code under which it is counted: that of the answer, or one that says what is wrong with it */
        FailedException(String message, int code) {
            super(message, null, false, false);
            this.code = code;
        }

        int code() {
            return code;
        }

        /** What comes behind the name of the webhook. */
        String message() {
            return String.valueOf(getMessage());
        }
    }

    /**
     * Asks.
     *
     * @param target in which the webhook is to see the request
     * @throws ApiException BadRequest if it must not be asked about a dry run
     */
    Verdict ask(Webhook webhook, AdmissionRequest request, Target target) throws FailedException, InterruptedException {
        if (request.dryRun() && !webhook.dryRuns()) {
            throw Denial.ofDryRun(webhook.name());
        }
        if (webhook.reviewVersion().isEmpty()) {
            throw new FailedException(
                    "could not create admission objects: webhook does not accept known"
                            + " AdmissionReview versions (v1, v1beta1)",
                    Reason.BAD_REQUEST.code());
        }
        String uid = UUID.randomUUID().toString();
        ObjectNode question = AdmissionReviews.question(request, target, webhook.reviewVersion(), uid);
        ObjectNode answer;
        try {
            answer = client.post(webhook.client(), question, webhook.timeout());
        } catch (WebhookException e) {
            String what = e.isUnusable() ? "could not get REST client: " : "failed to call webhook: ";
            throw new FailedException(what + e.message(), e.code());
        }
        try {
            return AdmissionReviews.answer(answer, webhook.reviewVersion(), uid, mutating);
        } catch (AdmissionReviews.InvalidException e) {
            throw new FailedException(
                    "received invalid webhook response: " + e.message(), Reason.SERVICE_UNAVAILABLE.code());
        }
    }

    /** Passes on what a webhook has to say to the client and to the audit log, whether it admits the request or not. */
    static void passOn(Webhook webhook, Verdict verdict, AdmissionRequest request) {
        verdict.warnings().forEach(request::warn);
        verdict.annotations()
                .forEach((key, value) -> request.auditAnnotations().put(webhook.name() + "/" + key, value));
    }
}
