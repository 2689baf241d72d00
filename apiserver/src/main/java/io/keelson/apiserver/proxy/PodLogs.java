package io.keelson.apiserver.proxy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.admission.ObjectLookup;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.errors.StatusCause;
import io.keelson.apiserver.errors.StatusDetails;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.resource.Resource;
import io.keelson.apiserver.resource.ServedVersion;
import io.keelson.apiserver.rest.ResourceHandler;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers {@code pods/log}: the log of a container, as the agent of its node has it. */
final class PodLogs implements ResourceHandler.SubresourceHandler {
    private static final int ERROR_BYTES_MAX = 50_000;

    private final ObjectLookup objects;
    private final Kubelets kubelets;
    private final Backends backends;

    PodLogs(ObjectLookup objects, Kubelets kubelets, Backends backends) {
        this.objects = objects;
        this.kubelets = kubelets;
        this.backends = backends;
    }

    @Override
    public ApiResponse handle(ApiRequest request, Resource resource, ServedVersion version)
            throws InterruptedException {
        if (!request.info().verb().equals("get")) {
            throw ApiException.methodNotAllowed();
        }
        String name = request.info().name();
        LogOptions options = LogOptions.parse(request.query(), name);
        String namespace = request.info().namespace();
        ObjectNode pod = objects.now("", "pods", namespace, name);
        if (pod == null) {
            throw ApiException.notFound(resource.name(), name);
        }
        String container = PodContainer.forLogs(pod, options.container());
        String node = pod.path("spec").path("nodeName").asText("");
        if (node.isEmpty()) {
            return new ApiResponse.Whole(204, Map.of(), List.of());
        }
        Kubelet kubelet = kubelets.of(node);
        Destination destination = options.insecure() ? kubelet.unverified() : kubelet.destination();
        String target =
                ProxyPath.escape("/containerLogs/" + namespace + "/" + name + "/" + container) + options.query();
        BackendCall call = call(request, destination, target);
        ApiException refusal = refusal(call, name, destination, target);
        if (refusal != null) {
            call.close();
            throw refusal;
        }
        return new ApiResponse.Streamed(200, Map.of("Content-Type", "text/plain"), out -> {
            try (call;
                    InputStream log = call.body()) {
                Forwarding.pass(log, out);
            }
        });
    }

    private BackendCall call(ApiRequest request, Destination destination, String target) {
        try {
            return BackendCall.send(
                    backends,
                    destination,
                    backends.resolve(destination.host()),
                    BackendRequest.get(destination, target),
                    // A log that is followed may have nothing to say for long, not even a head.
                    new BackendCall.Patience(kubelets.timeout(), Duration.ZERO, request::clientGone));
        } catch (BackendException e) {
            throw unreachable(destination, target, e.message());
        }
    }

    private static ApiException unreachable(Destination destination, String target, String why) {
        return ApiException.of(Reason.UNKNOWN, "Get \"https://" + destination + target + "\": " + why);
    }

    /** What the client is told if there is no log; null if there is one. */
    private static @Nullable ApiException refusal(
            BackendCall call, String pod, Destination destination, String target) {
        int status = call.status();
        if (status >= 200 && status <= 206) {
            return null;
        }
        if (status >= 300 && status <= 399) {
            return unreachable(destination, target, "redirects forbidden");
        }
        String text = new String(call.beginning(ERROR_BYTES_MAX), StandardCharsets.UTF_8);
        return switch (status) {
            case 400 -> ApiException.badRequest(text);
            case 500 -> ApiException.internal(text, null);
            case 401 ->
                answered(
                        Reason.UNAUTHORIZED, status, "the server has asked for the client to provide credentials", pod);
            case 403 -> answered(Reason.FORBIDDEN, status, "forbidden", pod);
            case 404 -> answered(Reason.NOT_FOUND, status, "the server could not find the requested resource", pod);
            case 503 ->
                answered(
                        Reason.SERVICE_UNAVAILABLE,
                        status,
                        "the server is currently unable to handle the request",
                        pod);
            default ->
                answered(
                        Reason.UNKNOWN,
                        status,
                        "the server responded with the status code " + status + " but did not return more information",
                        pod,
                        new StatusCause("UnexpectedServerResponse", text, ""));
        };
    }

    private static ApiException answered(Reason reason, int code, String text, String pod, StatusCause... causes) {
        return ApiException.of(
                        reason,
                        text + " ( pods/log " + pod + ")",
                        StatusDetails.of("", "pods/log", pod).withCauses(List.of(causes)))
                .withCode(code);
    }
}
