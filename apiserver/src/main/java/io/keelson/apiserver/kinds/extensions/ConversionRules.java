package io.keelson.apiserver.kinds.extensions;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.apiserver.kinds.common.WebhookAddress;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/** What is wrong with how the versions of a custom kind are converted. Errors name the fields as the original's do. */
final class ConversionRules {
    private static final List<String> REVIEWS = List.of("v1", "v1beta1");

    private ConversionRules() {}

    /**
     * @param old the conversion before, missing of a new definition; what it asked for in reviews nobody has to
     *     know, if that was so before
     */
    static void validate(Place conversion, JsonNode old) {
        conversion.at("strategy").oneOf("None", "Webhook");
        Place webhook = conversion.at("webhook");
        Place client = conversion
                .at("webhookClientConfig")
                .with(webhook.at("clientConfig").value());
        Place reviews = conversion
                .at("conversionReviewVersions")
                .with(webhook.at("conversionReviewVersions").value());
        if (!conversion.at("strategy").is("Webhook")) {
            client.mustBeAbsent("should not be set when strategy is not set to Webhook");
            if (reviews.size() > 0) {
                reviews.forbidden("should not be set when strategy is not set to Webhook");
            }
            return;
        }
        if (client.absent()) {
            client.required("required when strategy is set to Webhook");
        } else {
            WebhookAddress.validate(client);
        }
        JsonNode before = old.path("webhook").path("conversionReviewVersions");
        reviews(reviews, before.isEmpty() || isKnown(before));
    }

    /**
     * Refuses authorities that cannot be read, unless those before could not be either.
     *
     * @param old the conversion before
     */
    static void authorities(Place conversion, JsonNode old) {
        Place client = conversion
                .at("webhookClientConfig")
                .with(conversion.at("webhook", "clientConfig").value());
        Place authorities = client.at("caBundle");
        String before =
                old.path("webhook").path("clientConfig").path("caBundle").asText("");
        if (WebhookAddress.isReadable(before) && !WebhookAddress.isReadable(authorities.text())) {
            authorities.invalid("unable to load root certificates: unable to parse bytes as PEM block");
        }
    }

    private static boolean isKnown(JsonNode versions) {
        return StreamSupport.stream(versions.spliterator(), false)
                .anyMatch(version -> REVIEWS.contains(version.asText()));
    }

    private static void reviews(Place reviews, boolean oneMustBeKnown) {
        if (reviews.size() == 0) {
            reviews.required("");
            return;
        }
        Set<String> seen = new HashSet<>();
        for (Place version : reviews.items()) {
            if (!seen.add(version.text())) {
                version.invalid("duplicate version");
            } else {
                version.check(Names::dnsLabel1035);
            }
        }
        if (oneMustBeKnown && !isKnown(reviews.value())) {
            reviews.invalid("must include at least one of v1, v1beta1");
        }
    }
}
