package io.keelson.apiserver.kinds.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.kinds.common.Fill;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;

/** Configurations of webhooks, mutating or validating. */
public final class WebhookConfigurationStrategy implements Strategy {
    private final boolean mutating;

    public WebhookConfigurationStrategy(boolean mutating) {
        this.mutating = mutating;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public void applyDefaults(ObjectNode configuration) {
        for (ObjectNode webhook : Fill.objects(configuration.path("webhooks"))) {
            WebhookRules.defaults(webhook, mutating);
        }
    }

    @Override
    public void validate(ObjectNode configuration, FieldErrors errors) {
        WebhookRules.webhooks(Place.of(configuration, errors).at("webhooks"), mutating, true);
    }

    /** Match conditions that are as they were are not looked at again: they may be of a time with other rules. */
    @Override
    public void validateChanged(ObjectNode configuration, ObjectNode old, FieldErrors errors) {
        boolean same = WebhookRules.sameConditions(configuration.path("webhooks"), old.path("webhooks"));
        WebhookRules.webhooks(Place.of(configuration, errors).at("webhooks"), mutating, !same);
    }
}
