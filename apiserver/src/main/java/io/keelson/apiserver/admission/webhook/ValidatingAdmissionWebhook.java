package io.keelson.apiserver.admission.webhook;

import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.admission.rules.RequestMatcher;
import io.keelson.apiserver.admission.rules.Target;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.webhook.WebhookClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the webhooks of all ValidatingWebhookConfigurations that a write is of concern to, all at once, and refuses it if one
 * of them does. Of several refusals the client is told that of the webhook that comes first.
 */
public final class ValidatingAdmissionWebhook implements AdmissionPlugin {
    private static final Logger log = LoggerFactory.getLogger(ValidatingAdmissionWebhook.class);

    private static final String FAILED_OPEN = "failed-open.validating.webhook.admission.k8s.io/round_0_index_";

    private final WebhookSource source;
    private final Selection selection;
    private final WebhookCall call;
    private final WebhookMetrics metrics;

    /** @param authorizer is asked by match conditions */
    public ValidatingAdmissionWebhook(
            ObjectLookup objects, WebhookClient client, Authorizer authorizer, WebhookMetrics metrics) {
        this.source = new WebhookSource(objects, "validatingwebhookconfigurations");
        this.selection = new Selection(new RequestMatcher(objects), authorizer);
        this.call = new WebhookCall(client, false);
        this.metrics = metrics;
    }

    /** A webhook that is to be asked. */
    private record Asked(Webhook webhook, Target target) {}

    /**
     * What came of asking one.
     *
     * @param verdict null if there is none
     * @param refusal null if the write may go on
     * @param ignored whether there is no verdict, and nobody minds
     */
    private record Outcome(
            @Nullable Verdict verdict, @Nullable ApiException refusal, boolean ignored) {}

    @Override
    public String name() {
        return "ValidatingAdmissionWebhook";
    }

    @Override
    public void validate(AdmissionRequest request) throws InterruptedException {
        if (RequestMatcher.isExempt(request)) {
            return;
        }
        List<Asked> asked = new ArrayList<>();
        for (Webhook webhook : source.webhooks()) {
            Target target = selection.of(webhook, request);
            if (target != null) {
                asked.add(new Asked(webhook, target));
            }
        }
        if (asked.isEmpty()) {
            return;
        }
        List<Outcome> outcomes = askAll(asked, request);
        ApiException refusal = null;
        for (int i = 0; i < asked.size(); i++) {
            Webhook webhook = asked.get(i).webhook();
            Outcome outcome = outcomes.get(i);
            Verdict verdict = outcome.verdict();
            if (verdict != null) {
                WebhookCall.passOn(webhook, verdict, request);
            }
            if (outcome.ignored()) {
                request.auditAnnotations().put(FAILED_OPEN + i, webhook.name());
            }
            refusal = refusal == null ? outcome.refusal() : refusal;
        }
        if (refusal != null) {
            throw refusal;
        }
    }

    /** Each on a thread of its own but a single one; if this thread is interrupted, all calls are given up. */
    private List<Outcome> askAll(List<Asked> asked, AdmissionRequest request) throws InterruptedException {
        if (asked.size() == 1) {
            return List.of(ask(asked.getFirst(), request));
        }
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            List<Future<Outcome>> calls = asked.stream()
                    .map(one -> threads.submit(() -> ask(one, request)))
                    .toList();
            List<Outcome> outcomes = new ArrayList<>();
            for (Future<Outcome> one : calls) {
                outcomes.add(one.get());
            }
            return outcomes;
        } catch (ExecutionException e) {
            throw ApiException.internal(String.valueOf(e.getCause()), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private Outcome ask(Asked asked, AdmissionRequest request) throws InterruptedException {
        Webhook webhook = asked.webhook();
        WebhookMetrics.Call counted = metrics.begin(WebhookMetrics.Type.VALIDATING, webhook, request.operation());
        try {
            Verdict verdict = call.ask(webhook, request, asked.target());
            if (verdict.allowed()) {
                counted.admitted();
                return new Outcome(verdict, null, false);
            }
            ApiException denial = Denial.of(webhook.name(), verdict.result());
            counted.denied(denial);
            return new Outcome(verdict, denial, false);
        } catch (WebhookCall.FailedException e) {
            counted.failed(e, webhook.mayFail());
            log.warn(
                    "failed calling webhook {}, failing {}: {}",
                    webhook.name(),
                    webhook.mayFail() ? "open" : "closed",
                    e.message());
            return webhook.mayFail()
                    ? new Outcome(null, null, true)
                    : new Outcome(null, Denial.failed(webhook.name(), e.message()), false);
        } catch (ApiException e) {
            counted.broken();
            return new Outcome(null, e, false);
        }
    }
}
