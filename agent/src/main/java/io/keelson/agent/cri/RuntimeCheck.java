package io.keelson.agent.cri;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.agent.wire.cri.ImageFsInfoRequest;
import io.keelson.agent.wire.cri.RuntimeCondition;
import io.keelson.agent.wire.cri.RuntimeConfigRequest;
import io.keelson.agent.wire.cri.RuntimeConfigResponse;
import io.keelson.agent.wire.cri.StatusRequest;
import io.keelson.agent.wire.cri.StatusResponse;
import io.keelson.agent.wire.cri.VersionRequest;
import io.keelson.agent.wire.cri.VersionResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks a runtime who it is and how it does. */
public final class RuntimeCheck {
    /** The version of the kubelet's side; runtimes give it back. */
    private static final String AGENT_VERSION = "0.1.0";

    private final RuntimeConnection connection;
    private final Duration limit;
    private volatile Map<String, RuntimeProfile.Handler> handlers = Map.of();

    /**
     * Asks over a connection.
     *
     * @param limit how long each answer may take
     */
    public RuntimeCheck(RuntimeConnection connection, Duration limit) {
        this.connection = connection;
        this.limit = limit;
    }

    /**
     * Who is behind a connection.
     *
     * @throws RuntimeUnusableException if it does not answer, or does not speak CRI v1
     */
    public RuntimeProfile profile() throws RuntimeUnusableException {
        VersionResponse version;
        StatusResponse status;
        try {
            version = connection
                    .runtime(limit)
                    .version(VersionRequest.newBuilder()
                            .setVersion(AGENT_VERSION)
                            .build());
            status = connection.runtime(limit).status(StatusRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            throw unusable("runtime", e);
        }
        if (!version.getVersion().equals(AGENT_VERSION)) {
            throw new RuntimeUnusableException("the container runtime speaks version \"" + version.getVersion()
                    + "\" of its interface, not " + AGENT_VERSION + ": runtime api version is not supported");
        }
        try {
            // Only that somebody answers counts.
            var _ = connection.images(limit).imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            throw unusable("image", e);
        }
        RuntimeProfile profile = RuntimeProfile.of(version, status, config());
        handlers = profile.handlers();
        return profile;
    }

    private Optional<RuntimeConfigResponse> config() throws RuntimeUnusableException {
        try {
            return Optional.of(connection.runtime(limit).runtimeConfig(RuntimeConfigRequest.getDefaultInstance()));
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return Optional.empty();
            }
            throw unusable("runtime", e);
        }
    }

    private RuntimeUnusableException unusable(String service, StatusRuntimeException e) {
        String told = RuntimeError.description(e);
        return new RuntimeUnusableException(
                switch (e.getStatus().getCode()) {
                    case UNIMPLEMENTED ->
                        "validate CRI v1 " + service + " API: the socket answers, but does not speak it (" + told
                                + "); of containerd, its CRI plugin is disabled (disabled_plugins in "
                                + "config.toml) or older than "
                                + "1.6";
                    case UNAVAILABLE, INTERNAL ->
                        "validate CRI v1 " + service + " API: the runtime does not answer (" + told
                                + "); it ended, or no gRPC server is behind the socket";
                    case DEADLINE_EXCEEDED ->
                        "validate CRI v1 " + service + " API: no answer within " + limit.toSeconds()
                                + " s; the runtime hangs, look into its log";
                    default -> "validate CRI v1 " + service + " API: " + told;
                },
                e);
    }

    /**
     * Why the node is not ready, by the runtime's own word; empty if it is. The texts are those of a node's {@code
     * Ready} condition.
     *
     * @param networkMatters whether pods' network is the runtime's affair
     */
    public List<String> problems(boolean networkMatters) {
        StatusResponse status;
        try {
            status = connection.runtime(limit).status(StatusRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            return List.of("container runtime is down: " + RuntimeError.description(e));
        }
        handlers = RuntimeProfile.handlers(status);
        List<String> problems = new ArrayList<>();
        if (networkMatters) {
            condition(status, "NetworkReady")
                    .ifPresentOrElse(
                            condition -> {
                                if (!condition.getStatus()) {
                                    problems.add("container runtime network not ready: " + shown(condition));
                                }
                            },
                            () -> problems.add(
                                    "container runtime network not ready: condition NetworkReady is not set"));
        }
        condition(status, "RuntimeReady")
                .ifPresentOrElse(
                        condition -> {
                            if (!condition.getStatus()) {
                                problems.add("container runtime not ready: " + shown(condition));
                            }
                        },
                        () -> problems.add("container runtime not ready: condition RuntimeReady is not set"));
        return problems;
    }

    /** What handlers can do, as the runtime said last: it may have become another one since it was asked who it is. */
    public Map<String, RuntimeProfile.Handler> handlers() {
        return handlers;
    }

    private static Optional<RuntimeCondition> condition(StatusResponse status, String type) {
        return status.getStatus().getConditionsList().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    private static String shown(RuntimeCondition condition) {
        return condition.getType() + "=" + condition.getStatus() + " reason:" + condition.getReason() + " message:"
                + condition.getMessage();
    }
}
