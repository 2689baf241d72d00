package io.keelson.agent.image;

import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.wire.cri.AuthConfig;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.PullImageRequest;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Has the runtime pull an image, as whoever may. Called by whose turn it is. */
final class RegistryPulls {
    private final RuntimeConnection connection;
    private final PullSecrets secrets;
    private final NodeLogins nodeLogins;
    private final Duration limit;
    private final PullTurns turns;
    private final Events events;

    /**
     * @param nodeLogins who pulls if no secret of the pod fits
     * @param limit after which a pull is given up
     */
    RegistryPulls(
            RuntimeConnection connection,
            PullSecrets secrets,
            NodeLogins nodeLogins,
            Duration limit,
            PullTurns turns,
            Events events) {
        this.connection = connection;
        this.secrets = secrets;
        this.nodeLogins = nodeLogins;
        this.limit = limit;
        this.turns = turns;
        this.events = events;
    }

    /**
     * What was pulled.
     *
     * @param reference what the runtime calls the image
     * @param secret whose password was good; empty for that of the node, or none
     */
    record Pulled(String reference, Optional<SecretIdentity> secret) {}

    /** Pulls with all users that fit, one after the other, until one may. */
    Pulled pull(Pod pod, ImageName name, ImageSpec spec, PodSandboxConfig sandbox)
            throws PullFailure, InterruptedException {
        Set<String> failures = new LinkedHashSet<>();
        Set<AuthConfig> tried = new HashSet<>();
        for (RegistryLogin login : logins(pod, name)) {
            if (!tried.add(login.asAuthConfig())) {
                continue;
            }
            if (!turns.mayBegin()) {
                failures.add("pull QPS exceeded");
                continue;
            }
            PullImageRequest.Builder request =
                    PullImageRequest.newBuilder().setImage(spec).setSandboxConfig(sandbox);
            if (!login.equals(RegistryLogin.NOBODY)) {
                request.setAuth(login.asAuthConfig());
            }
            try {
                String reference =
                        connection.images(limit).pullImage(request.build()).getImageRef();
                return new Pulled(reference, login.secret());
            } catch (StatusRuntimeException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("the pull of " + spec.getImage() + " is not wanted any more");
                }
                // A code that says nothing is left away.
                failures.add(
                        e.getStatus().getCode() == Status.Code.UNKNOWN
                                ? RuntimeError.description(e)
                                : RuntimeError.text(e));
            }
        }
        throw new PullFailure(
                failures.size() == 1 ? failures.iterator().next() : "[" + String.join(", ", failures) + "]");
    }

    /** Those whom to pull as, at least one: nobody in particular if no entry fits. */
    private List<RegistryLogin> logins(Pod pod, ImageName name) throws PullFailure {
        PullSecrets.Found found = secrets.of(pod);
        if (!found.missing().isEmpty()) {
            events.warning(
                    pod,
                    "FailedToRetrieveImagePullSecret",
                    "Unable to retrieve some image pull secrets (" + String.join(", ", found.missing())
                            + "); attempting to pull the image may not succeed.");
        }
        List<RegistryLogin> logins = new ArrayList<>();
        try {
            logins.addAll(RegistryLogins.of(found.secrets()).of(name));
        } catch (IllegalArgumentException e) {
            throw new PullFailure(OrEmpty.of(e.getMessage()));
        }
        logins.addAll(nodeLogins.read().of(name));
        return logins.isEmpty() ? List.of(RegistryLogin.NOBODY) : logins;
    }
}
