package io.keelson.agent.embedded.assembly;

import io.keelson.agent.embedded.SandboxNetwork;
import io.keelson.agent.network.NetworkProblem;
import io.keelson.agent.network.PodNetwork;
import io.keelson.agent.network.SandboxAttachment;
import io.keelson.agent.wire.cri.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The network of a node, as the embedded runtime asks for it. */
final class RuntimeNetwork implements SandboxNetwork {
    private final PodNetwork network;
    private final EmbeddedNode.RangeListener ranges;

    RuntimeNetwork(PodNetwork network, EmbeddedNode.RangeListener ranges) {
        this.network = network;
        this.ranges = ranges;
    }

    @Override
    public void podRanges(List<String> told) throws IOException {
        ranges.told(told);
    }

    @Override
    public List<String> attach(String id, PodSandboxConfig config, Path namespace)
            throws IOException, InterruptedException {
        try {
            return network.add(SandboxAttachment.of(id, config, namespace)).addresses();
        } catch (NetworkProblem | IllegalArgumentException e) {
            throw new IOException("failed to setup network for sandbox \"" + id + "\": " + e.getMessage(), e);
        }
    }

    @Override
    public void detach(String id, PodSandboxConfig config, Path namespace) throws IOException, InterruptedException {
        try {
            network.remove(attachment(id, config, existing(namespace)));
        } catch (NetworkProblem e) {
            throw new IOException("failed to destroy network for sandbox \"" + id + "\": " + e.getMessage(), e);
        }
    }

    /** What could never be attached can be detached all the same. */
    private static SandboxAttachment attachment(String id, PodSandboxConfig config, @Nullable Path namespace) {
        try {
            return SandboxAttachment.of(id, config, namespace);
        } catch (IllegalArgumentException e) {
            return SandboxAttachment.of(id, namespace);
        }
    }

    /** The file stays when the machine starts anew; what is mounted on it, the namespace, does not. */
    private static @Nullable Path existing(Path namespace) throws IOException {
        if (!Files.exists(namespace)) {
            return null;
        }
        Object here = Files.getAttribute(namespace, "unix:dev");
        Object around = Files.getAttribute(
                Objects.requireNonNull(namespace.toAbsolutePath().getParent()), "unix:dev");
        return here.equals(around) ? null : namespace;
    }

    @Override
    public void collect(Set<String> ids) throws IOException, InterruptedException {
        try {
            network.collect(ids);
        } catch (NetworkProblem e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public String problem() {
        return network.problem().orElse("");
    }
}
