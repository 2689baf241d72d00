package io.keelson.apiserver.admission.limits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.AdmissionPlugin;
import io.keelson.apiserver.admission.AdmissionRequest;
import io.keelson.apiserver.admission.AdmissionRequest.Operation;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Keeps events from flooding the store, each server on its own. */
public final class EventRateLimit implements AdmissionPlugin {
    private final List<EventLimit> limits;
    private final LongSupplier nanoTime;

    /**
     * @param configuration a {@code Configuration} of {@code eventratelimit.admission.k8s.io/v1alpha1}; without one the plugin
     *     cannot be enabled
     * @throws IllegalArgumentException if it is missing, or saying all that is wrong with it
     */
    public EventRateLimit(@Nullable JsonNode configuration) {
        this(configuration, System::nanoTime);
    }

    EventRateLimit(@Nullable JsonNode configuration, LongSupplier nanoTime) {
        if (configuration == null) {
            throw new IllegalArgumentException(
                    "EventRateLimit needs a configuration in --admission-control-config-file");
        }
        this.limits = EventLimit.parse(configuration);
        this.nanoTime = nanoTime;
    }

    @Override
    public String name() {
        return "EventRateLimit";
    }

    @Override
    public void validate(AdmissionRequest request) {
        ObjectNode event = request.object();
        boolean concerned = (request.operation() == Operation.CREATE || request.operation() == Operation.UPDATE)
                && request.resource().kind().kind().equals("Event")
                && request.subresource().isEmpty()
                && !request.dryRun();
        if (!concerned || event == null) {
            return;
        }
        long now = nanoTime.getAsLong();
        String refusal = null;
        for (EventLimit limit : limits) {
            if (!limit.admits(request, event, now)) {
                refusal = limit.refusal(request, event);
            }
        }
        if (refusal != null) {
            throw ApiException.of(Reason.TOO_MANY_REQUESTS, "Too many requests: " + refusal);
        }
    }
}
