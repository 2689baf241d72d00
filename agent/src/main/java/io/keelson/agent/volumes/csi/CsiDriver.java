package io.keelson.agent.volumes.csi;

import io.grpc.Channel;
import io.grpc.StatusException;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.volumes.VolumeException;
import io.keelson.agent.wire.csi.NodeExpandVolumeRequest;
import io.keelson.agent.wire.csi.NodeGetCapabilitiesRequest;
import io.keelson.agent.wire.csi.NodeGetInfoRequest;
import io.keelson.agent.wire.csi.NodeGetInfoResponse;
import io.keelson.agent.wire.csi.NodeGetVolumeStatsRequest;
import io.keelson.agent.wire.csi.NodeGetVolumeStatsResponse;
import io.keelson.agent.wire.csi.NodeGrpc;
import io.keelson.agent.wire.csi.NodePublishVolumeRequest;
import io.keelson.agent.wire.csi.NodeServiceCapability;
import io.keelson.agent.wire.csi.NodeStageVolumeRequest;
import io.keelson.agent.wire.csi.NodeUnpublishVolumeRequest;
import io.keelson.agent.wire.csi.NodeUnstageVolumeRequest;
import io.keelson.agent.wire.csi.VolumeCapability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a storage plugin does on this node. All calls may be repeated, as the interface asks of plugins; one that takes
 * longer than two minutes has failed. Any thread.
 */
public final class CsiDriver {
    private static final Duration CALL_MAX = Duration.ofMinutes(2);

    private final Channel channel;
    private @Nullable Set<NodeServiceCapability.RPC.Type> capabilities;

    /** @param channel to its socket */
    public CsiDriver(Channel channel) {
        this.channel = channel;
    }

    private NodeGrpc.NodeBlockingV2Stub node() {
        return NodeGrpc.newBlockingV2Stub(channel).withDeadlineAfter(CALL_MAX.toMillis(), TimeUnit.MILLISECONDS);
    }

    @FunctionalInterface
    private interface Call<T> {
        T answer() throws StatusException, InterruptedException;
    }

    /** A refusal as Go's clients write it, which users know. */
    private static <T> T ask(Call<T> call) throws VolumeException, InterruptedException {
        try {
            return call.answer();
        } catch (StatusException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while a storage plugin was asked");
            }
            throw new VolumeException(RuntimeError.text(e.getStatus()), e);
        }
    }

    /** By what name it knows this node, how many volumes that takes, and where it is. */
    public NodeGetInfoResponse info() throws VolumeException, InterruptedException {
        return ask(() -> node().nodeGetInfo(NodeGetInfoRequest.getDefaultInstance()));
    }

    /** Whether it does more than it must. Asked once, until it registers again. */
    public boolean can(NodeServiceCapability.RPC.Type what) throws VolumeException, InterruptedException {
        synchronized (this) {
            if (capabilities != null) {
                return capabilities.contains(what);
            }
        }
        Set<NodeServiceCapability.RPC.Type> known = EnumSet.noneOf(NodeServiceCapability.RPC.Type.class);
        ask(() -> node().nodeGetCapabilities(NodeGetCapabilitiesRequest.getDefaultInstance()))
                .getCapabilitiesList()
                .forEach(capability -> known.add(capability.getRpc().getType()));
        synchronized (this) {
            capabilities = known;
        }
        return known.contains(what);
    }

    synchronized void forgetCapabilities() {
        capabilities = null;
    }

    /** Makes a volume ready on this node, for all pods. */
    public void stage(NodeStageVolumeRequest request) throws VolumeException, InterruptedException {
        var _ = ask(() -> node().nodeStageVolume(request));
    }

    /** Undoes {@link #stage}. */
    public void unstage(String handle, Path staging) throws VolumeException, InterruptedException {
        var _ = ask(() -> node().nodeUnstageVolume(NodeUnstageVolumeRequest.newBuilder()
                .setVolumeId(handle)
                .setStagingTargetPath(staging.toString())
                .build()));
    }

    /** Puts a volume where a pod has it. */
    public void publish(NodePublishVolumeRequest request) throws VolumeException, InterruptedException {
        var _ = ask(() -> node().nodePublishVolume(request));
    }

    /** Makes what there is of a published volume as large as the volume has become. */
    public void expand(NodeExpandVolumeRequest request) throws VolumeException, InterruptedException {
        var _ = ask(() -> node().nodeExpandVolume(request));
    }

    /** What is used of a published volume. */
    public NodeGetVolumeStatsResponse usage(NodeGetVolumeStatsRequest request)
            throws VolumeException, InterruptedException {
        return ask(() -> node().nodeGetVolumeStats(request));
    }

    /** Undoes {@link #publish}. */
    public void unpublish(String handle, Path target) throws VolumeException, InterruptedException {
        var _ = ask(() -> node().nodeUnpublishVolume(NodeUnpublishVolumeRequest.newBuilder()
                .setVolumeId(handle)
                .setTargetPath(target.toString())
                .build()));
    }

    /**
     * By whom a volume may be used at the same time, as the plugin knows how to be told.
     *
     * @param mode {@code ReadWriteOnce} and the like
     */
    public VolumeCapability.AccessMode accessMode(String mode) throws VolumeException, InterruptedException {
        boolean precise = can(NodeServiceCapability.RPC.Type.SINGLE_NODE_MULTI_WRITER);
        VolumeCapability.AccessMode.Mode known = switch (mode) {
            case "ReadOnlyMany" -> VolumeCapability.AccessMode.Mode.MULTI_NODE_READER_ONLY;
            case "ReadWriteMany" -> VolumeCapability.AccessMode.Mode.MULTI_NODE_MULTI_WRITER;
            case "ReadWriteOncePod" ->
                precise
                        ? VolumeCapability.AccessMode.Mode.SINGLE_NODE_SINGLE_WRITER
                        : VolumeCapability.AccessMode.Mode.SINGLE_NODE_WRITER;
            default ->
                precise
                        ? VolumeCapability.AccessMode.Mode.SINGLE_NODE_MULTI_WRITER
                        : VolumeCapability.AccessMode.Mode.SINGLE_NODE_WRITER;
        };
        return VolumeCapability.AccessMode.newBuilder().setMode(known).build();
    }
}
