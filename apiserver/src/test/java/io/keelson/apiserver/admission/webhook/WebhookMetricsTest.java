package io.keelson.apiserver.admission.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.object.Json;
import io.keelson.kvstore.metrics.Metrics;
import java.util.List;
import org.junit.jupiter.api.Test;

class WebhookMetricsTest {
    private final Metrics metrics = new Metrics();
    private final WebhookMetrics webhooks = new WebhookMetrics(metrics);

    private WebhookMetrics.Call begin(String name) {
        Webhook webhook = Webhook.of("configuration", 0, Json.object().put("name", name));
        return webhooks.begin(WebhookMetrics.Type.MUTATING, webhook, Operation.CREATE);
    }

    private List<String> lines(String metric) {
        return metrics.text()
                .lines()
                .filter(line -> line.startsWith(metric + "{"))
                .toList();
    }

    @Test
    void aDenialThatIsThrownIsNoErrorOfTheServer() {
        WebhookMetrics.Call call = begin("a.example.com");
        call.denied(ApiException.badRequest("no"));
        call.broken();
        assertEquals(
                List.of("apiserver_admission_webhook_rejection_count{error_type=\"no_error\",name=\"a.example.com\","
                        + "operation=\"CREATE\",rejection_code=\"400\",type=\"admit\"} 1"),
                lines("apiserver_admission_webhook_rejection_count"));
    }

    @Test
    void codesThatAreNoneOfHttpAreCountedTogether() {
        begin("a.example.com").failed(new WebhookCall.FailedException("", 601), false);
        begin("a.example.com").failed(new WebhookCall.FailedException("", 99_999), false);
        assertEquals(
                List.of("apiserver_admission_webhook_rejection_count{error_type=\"calling_webhook_error\","
                        + "name=\"a.example.com\",operation=\"CREATE\",rejection_code=\"600\",type=\"admit\"} 2"),
                lines("apiserver_admission_webhook_rejection_count"));
    }

    @Test
    void webhooksBeyondABoundAreCountedTogether() {
        int many = 5_100;
        for (int i = 0; i < many; i++) {
            begin("a" + i + ".example.com").admitted();
        }
        List<String> lines = lines("apiserver_admission_webhook_request_total");
        assertEquals(5_001, lines.size());
        String other = "name=\"OTHER\",operation=\"CREATE\",rejected=\"false\",type=\"admit\"} 100";
        assertTrue(lines.stream().anyMatch(line -> line.endsWith(other)), "the rest");
    }
}
