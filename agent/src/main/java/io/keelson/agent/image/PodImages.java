package io.keelson.agent.image;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.pods.ContainerImages;
import io.keelson.agent.pods.PodContainers;
import io.keelson.agent.pods.PodProblem;
import io.keelson.agent.wire.cri.AuthConfig;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.ImageStatusRequest;
import io.keelson.agent.wire.cri.ImageStatusResponse;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import io.keelson.agent.wire.cri.PullImageRequest;
import io.keelson.controllers.objects.GoDuration;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.Time;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Pulls the images of pods, as their policies say. Called by the threads of pods, many at once; each waits while its
 * image is pulled. Says what happens in the pod's events, in the kubelet's words.
 */
public final class PodImages implements ContainerImages {
    private static final Duration CALL_LIMIT = Duration.ofMinutes(2);
    private static final String UNAVAILABLE = "RegistryUnavailable";
    private static final String UNSIGNED = "SignatureValidationFailed";

    private final RuntimeConnection connection;
    private final PullSecrets secrets;
    private final NodeLogins nodeLogins;
    private final PullRecords records;
    private final PullSettings settings;
    private final Events events;
    private final Time time;
    private final ImageMetrics metrics;
    private final Consumer<String> asked;
    private final PullBackOff backOff;
    private final PullTurns turns;

    /**
     * @param nodeLogins who pulls if no secret of the pod fits
     * @param records who may use what is there
     * @param events of the kubelet
     * @param asked is told the id of each image that a container is about to use, so that it is not collected meanwhile
     */
    public PodImages(
            RuntimeConnection connection,
            PullSecrets secrets,
            NodeLogins nodeLogins,
            PullRecords records,
            PullSettings settings,
            Events events,
            Time time,
            ImageMetrics metrics,
            Consumer<String> asked) {
        this.connection = connection;
        this.secrets = secrets;
        this.nodeLogins = nodeLogins;
        this.records = records;
        this.settings = settings;
        this.events = events;
        this.time = time;
        this.metrics = metrics;
        this.asked = asked;
        backOff = new PullBackOff(time);
        turns = new PullTurns(settings, time);
    }

    @Override
    public Image ensure(Pod pod, Container container, PodSandboxConfig sandbox)
            throws PodProblem, InterruptedException {
        Events told = events.inField(PodContainers.fieldPath(pod, container.getName()));
        try {
            return ensure(
                    pod, OrEmpty.of(container.getImage()), OrEmpty.of(container.getImagePullPolicy()), sandbox, told);
        } catch (PodProblem problem) {
            told.warning(pod, "Failed", "Error: " + problem.waitingReason());
            throw problem;
        }
    }

    /**
     * The same for an image that is no container's, as of an image volume.
     *
     * @param policy {@code Always}, {@code IfNotPresent}, {@code Never}; empty for what the tag means
     */
    public Image ensure(Pod pod, String reference, String policy, PodSandboxConfig sandbox)
            throws PodProblem, InterruptedException {
        return ensure(pod, reference, policy, sandbox, events);
    }

    private Image ensure(Pod pod, String reference, String policy, PodSandboxConfig sandbox, Events told)
            throws PodProblem, InterruptedException {
        PullPolicy when;
        ImageName name;
        ImageSpec spec;
        try {
            name = ImageName.parse(reference);
            spec = ImageSpec.newBuilder()
                    .setImage(ImageName.tagged(reference))
                    .putAllAnnotations(OrEmpty.of(pod.getMetadata().getAnnotations()))
                    .setUserSpecifiedImage(reference)
                    .build();
            when = PullPolicy.of(policy, reference);
        } catch (IllegalArgumentException e) {
            throw problem(
                    told,
                    pod,
                    "InvalidImageName",
                    "InspectFailed",
                    "Failed to apply default image tag \"" + reference + "\": " + e.getMessage());
        }
        Optional<io.keelson.agent.wire.cri.Image> present = inspect(pod, spec, reference, told);
        if (present.isPresent()
                && when != PullPolicy.ALWAYS
                && mayUse(pod, name, present.get().getId())) {
            told.normal(
                    pod,
                    "Pulled",
                    "Container image \"" + reference + "\" already present on machine and can be accessed by the pod");
            return image(present.get().getId(), present.get());
        }
        if (when == PullPolicy.NEVER) {
            throw problem(
                    told,
                    pod,
                    "ErrImageNeverPull",
                    "ErrImageNeverPull",
                    "Container image \"" + reference + '"'
                            + (present.isPresent()
                                    ? " is present with pull policy of Never but does not have the "
                                            + "proper auth (image secret) "
                                            + "that was used to pull the image"
                                    : " is not present with pull policy of Never"));
        }
        String uid = pod.getMetadata().getUid();
        Optional<String> before = backOff.holding(uid, reference);
        if (before.isPresent()) {
            String message = "Back-off pulling image \"" + reference + '"';
            told.normal(pod, "BackOff", message);
            throw new PodProblem("ImagePullBackOff", "", message + ": " + before.get());
        }
        return pull(pod, name, spec, reference, sandbox, told);
    }

    /** Whether a pod may use what is there; its secrets are read only if that depends on them. */
    private boolean mayUse(Pod pod, ImageName name, String id) {
        return records.mayUse(name, id, () -> {
            try {
                return RegistryLogins.of(secrets.of(pod).secrets()).of(name).stream()
                        .map(RegistryLogin::secret)
                        .flatMap(Optional::stream)
                        .toList();
            } catch (IllegalArgumentException e) {
                // Pulling, which it has to try then, tells of the damaged secret.
                return List.of();
            }
        });
    }

    /**
     * What was pulled.
     *
     * @param reference what the runtime calls the image
     * @param secret whose password was good; empty for that of the node, or none
     */
    private record Pulled(String reference, Optional<SecretIdentity> secret) {}

    private Image pull(Pod pod, ImageName name, ImageSpec spec, String reference, PodSandboxConfig sandbox, Events told)
            throws PodProblem, InterruptedException {
        told.normal(pod, "Pulling", "Pulling image \"" + reference + '"');
        Instant asked = time.steady();
        turns.await();
        Instant begin = time.steady();
        Optional<Pulled> pulled = Optional.empty();
        Optional<io.keelson.agent.wire.cri.Image> image = Optional.empty();
        try {
            records.begin(name);
            try {
                pulled = Optional.of(pullNow(pod, name, spec, sandbox));
                image = inspect(pod, spec, reference, told);
            } finally {
                if (pulled.isPresent()) {
                    String id = image.isPresent()
                            ? image.get().getId()
                            : pulled.get().reference();
                    records.succeeded(name, id, pulled.get().secret());
                } else {
                    records.failed(name);
                }
            }
        } catch (IOException e) {
            String message =
                    "Failed to record image pull intent for container image \"" + reference + "\": " + e.getMessage();
            throw failed(told, pod, reference, new PullFailure(message));
        } catch (PullFailure e) {
            throw failed(told, pod, reference, e);
        } finally {
            turns.done();
        }
        Instant end = time.steady();
        long sizeBytes = image.map(io.keelson.agent.wire.cri.Image::getSize).orElse(0L);
        told.normal(
                pod,
                "Pulled",
                "Successfully pulled image \"" + reference + "\" in " + shown(Duration.between(begin, end)) + " ("
                        + shown(Duration.between(asked, end)) + " including waiting). Image size: "
                        + Long.toUnsignedString(sizeBytes) + " bytes.");
        metrics.pulled(Duration.between(asked, end), sizeBytes);
        String runtimesName = pulled.orElseThrow().reference();
        return image.isPresent() ? image(runtimesName, image.get()) : new Image(runtimesName, runtimesName);
    }

    private PodProblem failed(Events told, Pod pod, String reference, PullFailure failure) {
        told.warning(pod, "Failed", "Failed to pull image \"" + reference + "\": " + failure.message());
        PodProblem problem = problem(reference, failure);
        backOff.failed(pod.getMetadata().getUid(), reference, problem.waitingReason() + ": " + problem.message());
        return problem;
    }

    private Image image(String reference, io.keelson.agent.wire.cri.Image image) {
        asked.accept(image.getId());
        return new Image(reference, image.getId());
    }

    private static String shown(Duration duration) {
        return GoDuration.text(duration.truncatedTo(ChronoUnit.MILLIS));
    }

    private Optional<io.keelson.agent.wire.cri.Image> inspect(Pod pod, ImageSpec spec, String reference, Events told)
            throws PodProblem {
        try {
            ImageStatusResponse answer = connection
                    .images(CALL_LIMIT)
                    .imageStatus(ImageStatusRequest.newBuilder().setImage(spec).build());
            return answer.hasImage() ? Optional.of(answer.getImage()) : Optional.empty();
        } catch (StatusRuntimeException e) {
            throw problem(
                    told,
                    pod,
                    "ImageInspectError",
                    "InspectFailed",
                    "Failed to inspect image \"" + reference + "\": " + RuntimeError.text(e));
        }
    }

    /** A pull that failed, in the words of the kubelet. */
    private static final class PullFailure extends Exception {
        private static final long serialVersionUID = 1;

        private PullFailure(String message) {
            super(message);
        }

        private String message() {
            return OrEmpty.of(getMessage());
        }
    }

    /** Pulls with all users that fit, one after the other, until one may. */
    private Pulled pullNow(Pod pod, ImageName name, ImageSpec spec, PodSandboxConfig sandbox)
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
                return new Pulled(
                        connection
                                .images(settings.pullLimit())
                                .pullImage(request.build())
                                .getImageRef(),
                        login.secret());
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
    private List<RegistryLogin> logins(Pod pod, ImageName name) throws PullFailure, InterruptedException {
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
        logins.addAll(nodeLogins.of(name));
        return logins.isEmpty() ? List.of(RegistryLogin.NOBODY) : logins;
    }

    private static PodProblem problem(String reference, PullFailure failure) {
        for (Map.Entry<String, String> known : Map.of(
                        UNAVAILABLE, "the registry is unavailable", UNSIGNED, "the signature validation failed")
                .entrySet()) {
            if (failure.message().startsWith(known.getKey())) {
                return new PodProblem(
                        known.getKey(),
                        "",
                        "image pull failed for " + reference + " because " + known.getValue()
                                + failure.message().substring(known.getKey().length()));
            }
        }
        return new PodProblem("ErrImagePull", "", failure.message());
    }

    /** A problem that is told here. */
    private static PodProblem problem(Events told, Pod pod, String waitingReason, String eventReason, String message) {
        told.warning(pod, eventReason, message);
        return new PodProblem(waitingReason, "", message);
    }
}
