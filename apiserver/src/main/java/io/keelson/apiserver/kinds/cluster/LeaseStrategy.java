package io.keelson.apiserver.kinds.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.resource.Strategy;
import io.keelson.apiserver.validation.FieldErrors;
import io.keelson.apiserver.validation.Place;

/** Leases. */
public final class LeaseStrategy implements Strategy {
    @Override
    public boolean countsGenerations() {
        return false;
    }

    @Override
    public boolean createsOnUpdate() {
        return true;
    }

    @Override
    public boolean updatesUnconditionally() {
        return false;
    }

    @Override
    public void validate(ObjectNode lease, FieldErrors errors) {
        Place spec = Place.of(lease, errors).at("spec");
        Place seconds = spec.at("leaseDurationSeconds");
        if (seconds.present() && seconds.number() <= 0) {
            seconds.invalid("must be greater than 0");
        }
        spec.at("leaseTransitions").notNegative();
        if (spec.at("preferredHolder").filled() && spec.at("strategy").empty()) {
            spec.at("preferredHolder").forbidden("may only be specified when `strategy` is defined");
        }
    }
}
