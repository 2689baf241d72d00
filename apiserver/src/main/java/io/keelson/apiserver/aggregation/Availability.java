package io.keelson.apiserver.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Timestamps;
import io.keelson.apiserver.proxy.BackendException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Whether an API server can be used.
 *
 * @param reason {@code Passed}, or what is wrong
 */
record Availability(boolean available, String reason, String message) {
    static final Availability PASSED = new Availability(true, "Passed", "all checks passed");

    private static final String AVAILABLE = "Available";

    /** One of several servers behind a Service may be gone without the whole being unavailable: so many are tried besides. */
    private static final int FURTHER_ATTEMPTS = 4;

    /** Finds out. */
    static Availability of(ApiService service, ServiceCheck check, RemoteCaller caller) throws InterruptedException {
        try {
            check.check(service.server());
            ask(service, caller);
            return PASSED;
        } catch (UnavailableException e) {
            return new Availability(false, e.reason(), e.message());
        }
    }

    private static void ask(ApiService service, RemoteCaller caller) throws UnavailableException, InterruptedException {
        try {
            // Alone at first: each attempt is a connection of its own, which a server that has just begun makes slowly.
            attempt(service, caller);
        } catch (UnavailableException e) {
            askMore(service, caller);
        }
    }

    private static void askMore(ApiService service, RemoteCaller caller)
            throws UnavailableException, InterruptedException {
        List<Callable<Boolean>> attempts = new ArrayList<>();
        for (int i = 0; i < FURTHER_ATTEMPTS; i++) {
            attempts.add(() -> {
                attempt(service, caller);
                return true;
            });
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var _ = threads.invokeAny(attempts);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnavailableException why) {
                throw why;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private static void attempt(ApiService service, RemoteCaller caller)
            throws UnavailableException, InterruptedException {
        String shown = caller.shown(service.path());
        int status;
        try {
            status = caller.get(service.path(), "application/json, */*", false).status();
        } catch (BackendException e) {
            throw failed("failing or missing response from " + shown + ": Get \"" + shown + "\": " + e.message());
        }
        if (status < 200 || status >= 300) {
            throw failed("failing or missing response from " + shown + ": bad status from " + shown + ": " + status);
        }
    }

    private static UnavailableException failed(String message) {
        return new UnavailableException("FailedDiscoveryCheck", message);
    }

    /** Whether an {@code APIService} says that what it names can be used. */
    static boolean isAvailable(JsonNode object) {
        for (JsonNode condition : object.path("status").path("conditions")) {
            if (condition.path("type").asText("").equals(AVAILABLE)) {
                return condition.path("status").asText("").equals("True");
            }
        }
        return false;
    }

    /** Writes it into an {@code APIService}; its time is that of the last change between true and false. */
    ObjectNode in(ObjectNode object, Instant now) {
        ObjectNode status = object.get("status") instanceof ObjectNode there ? there : object.putObject("status");
        ArrayNode conditions =
                status.get("conditions") instanceof ArrayNode there ? there : status.putArray("conditions");
        ObjectNode condition = null;
        for (JsonNode one : conditions) {
            if (one instanceof ObjectNode known && known.path("type").asText("").equals(AVAILABLE)) {
                condition = known;
            }
        }
        if (condition == null) {
            condition = conditions.addObject().put("type", AVAILABLE);
        }
        String value = available ? "True" : "False";
        if (!condition.path("status").asText("").equals(value)) {
            condition.put("lastTransitionTime", Timestamps.seconds(now));
        }
        condition.put("status", value).put("reason", reason).put("message", message);
        return object;
    }
}
