package io.keelson.controllers.leader;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.function.BooleanSupplier;

/**
 * Stops writes of a process that does not lead any more, at the last place before they are sent: a thread that was held up,
 * by a stopped process say, would write on what it knew before.
 */
public final class Fence implements Interceptor {
    private final BooleanSupplier leads;

    /** Lets writes pass while this is true. */
    public Fence(BooleanSupplier leads) {
        this.leads = leads;
    }

    /** @throws IllegalStateException if the request writes and this process does not lead */
    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (!request.method().equals("GET") && !leads.getAsBoolean()) {
            throw new IllegalStateException("this process does not lead any more, and writes nothing");
        }
    }
}
