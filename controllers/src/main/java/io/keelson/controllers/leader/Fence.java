package io.keelson.controllers.leader;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.List;
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

    /**
     * Whether this process leads, as the fence among interceptors has it, for what is written elsewhere than to the
     * API; always so if there is none among them.
     */
    public static BooleanSupplier among(List<? extends Interceptor> interceptors) {
        for (Interceptor interceptor : interceptors) {
            if (interceptor instanceof Fence fence) {
                return fence.leads;
            }
        }
        return () -> true;
    }

    /** @throws IllegalStateException if the request writes and this process does not lead */
    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        if (!request.method().equals("GET") && !leads.getAsBoolean()) {
            throw new IllegalStateException("this process does not lead any more, and writes nothing");
        }
    }
}
