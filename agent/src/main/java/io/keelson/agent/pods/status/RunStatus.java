package io.keelson.agent.pods.status;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountStatus;
import io.fabric8.kubernetes.api.model.VolumeMountStatusBuilder;
import io.keelson.agent.cri.RuntimeContainer;
import io.keelson.agent.pods.PodContainer;
import io.keelson.agent.pods.PodTraits;
import io.keelson.agent.wire.cri.LinuxContainerUser;
import io.keelson.agent.wire.cri.Mount;
import io.keelson.agent.wire.cri.Signal;
import io.keelson.controllers.objects.OrEmpty;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is told of one run of a container. */
final class RunStatus {
    private static final String LOST = "ContainerStatusUnknown";

    private RunStatus() {}

    /** The status of a container whose newest run this is. */
    static ContainerStatus of(
            StatusView view, PodContainer container, RuntimeContainer run, @Nullable ContainerStatus previous) {
        io.keelson.agent.wire.cri.ContainerStatus told = run.status();
        String named = told.getImage().getUserSpecifiedImage();
        ContainerStatusBuilder status = new ContainerStatusBuilder()
                .withName(container.name())
                .withImage(named.isEmpty() ? imageName(container, told) : named)
                .withImageID(told.getImageRef().isEmpty() ? told.getImageId() : told.getImageRef())
                .withContainerID(id(view, run))
                .withRestartCount(run.attempt())
                .withState(state(view, run, previous));
        if (isLost(run, previous) && previous != null) {
            status.withRestartCount(OrEmpty.of(previous.getRestartCount()) + 1);
        }
        addResources(view, container, run, status);
        if (told.hasUser() && told.getUser().hasLinux()) {
            LinuxContainerUser user = told.getUser().getLinux();
            status.withNewUser()
                    .withNewLinux()
                    .withUid(user.getUid())
                    .withGid(user.getGid())
                    .withSupplementalGroups(user.getSupplementalGroupsList())
                    .endLinux()
                    .endUser();
        }
        if (told.getStopSignal() != Signal.RUNTIME_DEFAULT && told.getStopSignal() != Signal.UNRECOGNIZED) {
            status.withStopSignal(StopSignals.name(told.getStopSignal()));
        }
        List<VolumeMountStatus> mounts = mounts(container, told.getMountsList());
        if (!mounts.isEmpty()) {
            status.withVolumeMounts(mounts);
        }
        return status.build();
    }

    private static String imageName(PodContainer container, io.keelson.agent.wire.cri.ContainerStatus told) {
        String image = told.getImage().getImage();
        // An id names nothing to a user who wrote a name.
        return image.isEmpty() || image.startsWith("sha256:")
                ? container.container().getImage()
                : image;
    }

    private static String id(StatusView view, RuntimeContainer run) {
        return view.runtimeName() + "://" + run.id();
    }

    private static boolean isLost(RuntimeContainer run, @Nullable ContainerStatus previous) {
        return switch (run.state()) {
            case CONTAINER_UNKNOWN, UNRECOGNIZED ->
                previous != null
                        && previous.getState() != null
                        && previous.getState().getRunning() != null;
            default -> false;
        };
    }

    /** What a run does. */
    static ContainerState state(StatusView view, RuntimeContainer run, @Nullable ContainerStatus previous) {
        io.keelson.agent.wire.cri.ContainerStatus told = run.status();
        if (run.running()) {
            return new ContainerStateBuilder()
                    .withNewRunning(text(told.getStartedAt()))
                    .build();
        }
        if (run.exited()) {
            String said = OrEmpty.of(view.messages().get(run.id()));
            String message = told.getMessage().isEmpty() || said.isEmpty()
                    ? told.getMessage() + said
                    : told.getMessage() + ": " + said;
            String usual = told.getExitCode() == 0 ? "Completed" : "Error";
            return new ContainerStateBuilder()
                    .withNewTerminated()
                    .withExitCode(told.getExitCode())
                    .withReason(told.getReason().isEmpty() ? usual : told.getReason())
                    .withMessage(PodTraits.nullIfEmpty(message))
                    .withStartedAt(text(told.getStartedAt()))
                    .withFinishedAt(text(told.getFinishedAt()))
                    .withContainerID(id(view, run))
                    .endTerminated()
                    .build();
        }
        if (isLost(run, previous)) {
            return lost("The container could not be located when the pod was terminated");
        }
        return new ContainerStateBuilder().withNewWaiting().endWaiting().build();
    }

    /** The end of a run that nobody saw. */
    static ContainerState lost(String message) {
        return new ContainerStateBuilder()
                .withNewTerminated()
                .withReason(LOST)
                .withMessage(message)
                .withExitCode(137)
                .endTerminated()
                .build();
    }

    private static void addResources(
            StatusView view, PodContainer container, RuntimeContainer run, ContainerStatusBuilder status) {
        if (container.sort() == PodContainer.Sort.EPHEMERAL) {
            return;
        }
        ResourceRequirements given = container.container().getResources();
        Map<String, Quantity> requests = given == null ? Map.of() : OrEmpty.of(given.getRequests());
        if (!requests.isEmpty()) {
            status.withAllocatedResources(requests);
        }
        ResourceRequirements told = view.actuated().get(run.id());
        ResourceRequirements shown = run.running() && told != null ? told : given;
        // Also where a container asks for nothing: without them the API takes the node for one that cannot resize.
        status.withNewResources()
                .withRequests(shown == null ? Map.of() : shown.getRequests())
                .withLimits(shown == null ? Map.of() : shown.getLimits())
                .endResources();
    }

    private static List<VolumeMountStatus> mounts(PodContainer container, List<Mount> mounted) {
        List<VolumeMountStatus> all = new ArrayList<>();
        for (VolumeMount mount : OrEmpty.of(container.container().getVolumeMounts())) {
            boolean isReadOnly = OrEmpty.of(mount.getReadOnly());
            boolean isRecursive = mounted.stream()
                    .anyMatch(one -> one.getContainerPath().equals(mount.getMountPath()) && one.getRecursiveReadOnly());
            VolumeMountStatusBuilder status =
                    new VolumeMountStatusBuilder().withName(mount.getName()).withMountPath(mount.getMountPath());
            if (isReadOnly) {
                status.withReadOnly(true).withRecursiveReadOnly(isRecursive ? "Enabled" : "Disabled");
            }
            all.add(status.build());
        }
        return all;
    }

    private static @Nullable String text(long nanos) {
        return nanos == 0
                ? null
                : Instant.EPOCH.plusNanos(nanos).truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
