package io.keelson.apiserver.admission.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.admission.conditions.RequestConditions;
import io.keelson.apiserver.admission.rules.Criteria;
import io.keelson.apiserver.webhook.ClientConfig;
import java.time.Duration;
import java.util.List;

/**
 * One webhook of a configuration.
 *
 * @param configuration that it stands in
 * @param uid tells it from all others, also from those of its name
 * @param criteria which requests it is for
 * @param conditions on requests in CEL
 * @param mayFail whether a write goes on without it if it cannot be asked
 * @param dryRuns whether it may be asked about writes that are only tried
 * @param again whether it wants to see what others have made of an object after it saw it
 * @param reviewVersion the version of AdmissionReview that it is sent; empty if it understands none that there is
 */
record Webhook(
        String configuration,
        String name,
        String uid,
        Criteria criteria,
        RequestConditions conditions,
        ClientConfig client,
        boolean mayFail,
        boolean dryRuns,
        boolean again,
        Duration timeout,
        String reviewVersion) {
    private static final int TIMEOUT_SECONDS = 10;
    private static final List<String> REVIEW_VERSIONS = List.of("v1", "v1beta1");

    /** @throws io.keelson.apiserver.object.MalformedException if a selector is none */
    static Webhook of(String configuration, int index, JsonNode webhook) {
        String name = webhook.path("name").asText();
        String reviewVersion = "";
        for (JsonNode version : webhook.path("admissionReviewVersions")) {
            if (reviewVersion.isEmpty() && REVIEW_VERSIONS.contains(version.asText())) {
                reviewVersion = version.asText();
            }
        }
        return new Webhook(
                configuration,
                name,
                configuration + "/" + name + "/" + index,
                Criteria.ofWebhook(webhook),
                RequestConditions.of(webhook.path("matchConditions")),
                ClientConfig.of(webhook.path("clientConfig")),
                webhook.path("failurePolicy").asText().equals("Ignore"),
                List.of("None", "NoneOnDryRun")
                        .contains(webhook.path("sideEffects").asText()),
                webhook.path("reinvocationPolicy").asText().equals("IfNeeded"),
                Duration.ofSeconds(webhook.path("timeoutSeconds").asInt(TIMEOUT_SECONDS)),
                reviewVersion);
    }
}
