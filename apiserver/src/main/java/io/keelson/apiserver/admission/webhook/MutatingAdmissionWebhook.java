package io.keelson.apiserver.admission.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.admission.rules.RequestMatcher;
import io.keelson.apiserver.admission.rules.Rounds;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.admission.rules.VersionedObjects;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.object.GoText;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.MalformedException;
import io.keelson.apiserver.patch.JsonPatch;
import io.keelson.apiserver.patch.PatchException;
import io.keelson.apiserver.webhook.WebhookClient;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the webhooks of all MutatingWebhookConfigurations that a write is of concern to, one after the other, in the order of
 * the configurations' names. Each sees what those before it have made of the object, and answers with a JSON patch.
 *
 * <p>Once one has changed the object, all plugins get to see it a second time; of the webhooks, then, those that wish so,
 * have been asked already, and have not seen the object as it is now.
 */
public final class MutatingAdmissionWebhook implements AdmissionPlugin {
    private static final Logger log = LoggerFactory.getLogger(MutatingAdmissionWebhook.class);

    private static final String MUTATION = "mutation.webhook.admission.k8s.io/";
    private static final String PATCH = "patch.webhook.admission.k8s.io/";
    private static final String JSON_PATCH = "JSONPatch";

    private final WebhookSource source;
    private final Selection selection;
    private final WebhookCall call;
    private final WebhookMetrics metrics;

    /** @param authorizer is asked by match conditions */
    public MutatingAdmissionWebhook(
            ObjectLookup objects, WebhookClient client, Authorizer authorizer, WebhookMetrics metrics) {
        this.source = new WebhookSource(objects, "mutatingwebhookconfigurations");
        this.selection = new Selection(new RequestMatcher(objects), authorizer);
        this.call = new WebhookCall(client, true);
        this.metrics = metrics;
    }

    @Override
    public String name() {
        return "MutatingAdmissionWebhook";
    }

    @Override
    public void mutate(AdmissionRequest request) throws InterruptedException {
        if (RequestMatcher.isExempt(request)) {
            return;
        }
        List<Webhook> webhooks = source.webhooks();
        if (webhooks.isEmpty()) {
            return;
        }
        Rounds rounds = request.notes(Rounds.class, Rounds::new);
        if (request.isSecondRound() && rounds.isOtherThanLeft(request.object())) {
            rounds.somethingChanged();
        }
        for (int index = 0; index < webhooks.size(); index++) {
            Webhook webhook = webhooks.get(index);
            Target target = selection.of(webhook, request);
            if (target == null || (request.isSecondRound() && !rounds.isDue(webhook.uid()))) {
                continue;
            }
            if (change(webhook, request, target, "round_" + (request.isSecondRound() ? 1 : 0) + "_index_" + index)) {
                rounds.somethingChanged();
                request.wantSecondRound();
            }
            if (webhook.again()) {
                rounds.asked(webhook.uid());
            }
        }
        rounds.leave(request.object());
    }

    /**
     * Has a webhook change the object.
     *
     * @param place of the call, for the audit log
     * @return whether it did
     */
    private boolean change(Webhook webhook, AdmissionRequest request, Target target, String place)
            throws InterruptedException {
        boolean changed = false;
        WebhookMetrics.Call counted = metrics.begin(WebhookMetrics.Type.MUTATING, webhook, request.operation());
        try {
            Verdict verdict = call.ask(webhook, request, target);
            WebhookCall.passOn(webhook, verdict, request);
            if (!verdict.allowed()) {
                ApiException denial = Denial.of(webhook.name(), verdict.result());
                counted.denied(denial);
                throw denial;
            }
            changed = verdict.patch().length > 0 && apply(webhook, verdict, request, target, place);
            counted.admitted();
            return changed;
        } catch (WebhookCall.FailedException e) {
            counted.failed(e, webhook.mayFail());
            if (!webhook.mayFail()) {
                log.warn("failed calling webhook {}, failing closed: {}", webhook.name(), e.message());
                throw Denial.failed(webhook.name(), e.message());
            }
            log.warn("failed calling webhook {}, failing open: {}", webhook.name(), e.message());
            request.auditAnnotations().put("failed-open." + MUTATION + place, webhook.name());
            return false;
        } catch (ApiException e) {
            counted.broken();
            throw e;
        } finally {
            ObjectNode note = note(webhook).put("mutated", changed);
            request.auditAnnotations().put(MUTATION + place, Json.text(note));
        }
    }

    private static boolean apply(
            Webhook webhook, Verdict verdict, AdmissionRequest request, Target target, String place)
            throws WebhookCall.FailedException {
        JsonNode sent = patch(verdict);
        JsonPatch patch = read(sent);
        if (sent.isEmpty()) {
            return false;
        }
        ObjectNode object = VersionedObjects.object(request, target);
        if (object == null) {
            throw ApiException.internal(
                    "admission webhook " + GoText.quoted(webhook.name())
                            + " attempted to modify the object, which is not supported for this operation",
                    null);
        }
        if (!verdict.patchType().equals(JSON_PATCH)) {
            throw new WebhookCall.FailedException(
                    "unsupported patch type " + GoText.quoted(verdict.patchType()), Reason.BAD_REQUEST.code());
        }
        ObjectNode before = request.object();
        try {
            VersionedObjects.replace(request, patch.patch(object), target);
        } catch (PatchException e) {
            throw ApiException.internal(e.message(), null);
        }
        ObjectNode note = note(webhook);
        note.set("patch", sent);
        request.auditAnnotations().put(PATCH + place, Json.text(note.put("patchType", JSON_PATCH)));
        return !Objects.equals(before, request.object());
    }

    private static JsonNode patch(Verdict verdict) throws WebhookCall.FailedException {
        try {
            return Json.parse(verdict.patch());
        } catch (MalformedException e) {
            throw undecodable(e.message());
        }
    }

    private static JsonPatch read(JsonNode patch) throws WebhookCall.FailedException {
        try {
            return JsonPatch.of(patch);
        } catch (ApiException e) {
            throw undecodable(e.message());
        }
    }

    private static WebhookCall.FailedException undecodable(String why) {
        return new WebhookCall.FailedException(
                "received undecodable patch in webhook response: " + why, Reason.SERVICE_UNAVAILABLE.code());
    }

    private static ObjectNode note(Webhook webhook) {
        return Json.object().put("configuration", webhook.configuration()).put("webhook", webhook.name());
    }
}
