package io.keelson.agent.devices;

import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.wire.deviceplugin.AllocateRequest;
import io.keelson.agent.wire.deviceplugin.AllocateResponse;
import io.keelson.agent.wire.deviceplugin.ContainerAllocateRequest;
import io.keelson.agent.wire.deviceplugin.ContainerAllocateResponse;
import io.keelson.agent.wire.deviceplugin.ContainerPreferredAllocationRequest;
import io.keelson.agent.wire.deviceplugin.Device;
import io.keelson.agent.wire.deviceplugin.DevicePluginGrpc;
import io.keelson.agent.wire.deviceplugin.DevicePluginOptions;
import io.keelson.agent.wire.deviceplugin.Empty;
import io.keelson.agent.wire.deviceplugin.ListAndWatchResponse;
import io.keelson.agent.wire.deviceplugin.NUMANode;
import io.keelson.agent.wire.deviceplugin.PreStartContainerRequest;
import io.keelson.agent.wire.deviceplugin.PreferredAllocationRequest;
import io.keelson.agent.wire.deviceplugin.PreferredAllocationResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One plugin from the moment it registers until it does not answer any more; a thread of its own follows its devices.
 */
final class PluginSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PluginSession.class);
    /** As the kubelet's. */
    private static final Duration PRE_START_MAX = Duration.ofSeconds(30);

    private static final int DEVICES_MAX = 100_000;

    private final String resource;
    private final Path socket;
    private final ManagedChannel channel;
    private final DevicePluginOptions options;
    private final Duration callMax;
    private final Listener listener;
    private final Thread thread;
    private volatile boolean closed;

    /** Is told by the session's own thread. */
    interface Listener {
        /** The devices that there are now: all of them. */
        void told(PluginSession session, List<KnownDevice> devices);

        /** The plugin does not answer any more. */
        void ended(PluginSession session);
    }

    /**
     * @param channel to its socket; becomes the session's own
     * @param callMax how long it may take to answer
     */
    PluginSession(
            String resource,
            Path socket,
            ManagedChannel channel,
            DevicePluginOptions options,
            Duration callMax,
            Listener listener) {
        this.resource = resource;
        this.socket = socket;
        this.channel = channel;
        this.options = options;
        this.callMax = callMax;
        this.listener = listener;
        thread = Thread.ofVirtual().name("devices-" + resource).unstarted(this::follow);
    }

    void start() {
        thread.start();
    }

    String resource() {
        return resource;
    }

    /** Where the plugin answers. */
    Path socket() {
        return socket;
    }

    private void follow() {
        try {
            BlockingClientCall<?, ListAndWatchResponse> call = DevicePluginGrpc.newBlockingV2Stub(channel)
                    .withWaitForReady()
                    .listAndWatch(Empty.getDefaultInstance());
            for (@Nullable ListAndWatchResponse told = call.read(); told != null; told = call.read()) {
                if (told.getDevicesCount() > DEVICES_MAX) {
                    LOG.error("{}: more than {} devices are told of; the plugin is left", resource, DEVICES_MAX);
                    break;
                }
                listener.told(this, devices(told));
            }
            LOG.info("{}: its plugin tells of devices no more", resource);
        } catch (StatusException e) {
            LOG.warn("{}: listAndWatch ended unexpectedly for device plugin: {}", resource, e.getStatus());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("{}: what its plugin tells cannot be used", resource, e);
        } finally {
            channel.shutdownNow();
            if (!closed) {
                listener.ended(this);
            }
        }
    }

    private static List<KnownDevice> devices(ListAndWatchResponse told) {
        List<KnownDevice> all = new ArrayList<>();
        for (Device device : told.getDevicesList()) {
            all.add(new KnownDevice(
                    device.getID(),
                    device.getHealth().equals("Healthy"),
                    device.getTopology().getNodesList().stream()
                            .map(NUMANode::getID)
                            .toList()));
        }
        return all;
    }

    private DevicePluginGrpc.DevicePluginBlockingV2Stub stub(Duration limit) {
        return DevicePluginGrpc.newBlockingV2Stub(channel).withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @FunctionalInterface
    private interface Call<T> {
        T answer() throws StatusException, InterruptedException;
    }

    private static <T> T ask(Call<T> call) throws DeviceProblem, InterruptedException {
        try {
            return call.answer();
        } catch (StatusException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while a device plugin was asked");
            }
            throw new DeviceProblem(RuntimeError.text(e.getStatus()), e);
        }
    }

    /** What it says of itself; asked where it was not told when it registered. */
    static DevicePluginOptions options(ManagedChannel channel, Duration callMax)
            throws DeviceProblem, InterruptedException {
        return ask(() -> DevicePluginGrpc.newBlockingV2Stub(channel)
                .withDeadlineAfter(callMax.toMillis(), TimeUnit.MILLISECONDS)
                .withWaitForReady()
                .getDevicePluginOptions(Empty.getDefaultInstance()));
    }

    /**
     * Which devices the plugin would rather give; nothing if it does not care.
     *
     * @param available those that are free, and those that must be among the answer
     */
    List<String> preferred(Collection<String> available, Collection<String> included, int count)
            throws DeviceProblem, InterruptedException {
        if (!options.getGetPreferredAllocationAvailable()) {
            return List.of();
        }
        PreferredAllocationResponse answer = ask(() -> stub(callMax)
                .getPreferredAllocation(PreferredAllocationRequest.newBuilder()
                        .addContainerRequests(ContainerPreferredAllocationRequest.newBuilder()
                                .addAllAvailableDeviceIDs(available)
                                .addAllMustIncludeDeviceIDs(included)
                                .setAllocationSize(count))
                        .build()));
        return answer.getContainerResponsesCount() == 0
                ? List.of()
                : answer.getContainerResponses(0).getDeviceIDsList();
    }

    /** What a container is to be told that gets these devices. */
    ContainerAllocateResponse allocate(Collection<String> ids) throws DeviceProblem, InterruptedException {
        AllocateResponse answer = ask(() -> stub(callMax)
                .allocate(AllocateRequest.newBuilder()
                        .addContainerRequests(
                                ContainerAllocateRequest.newBuilder().addAllDevicesIds(ids))
                        .build()));
        if (answer.getContainerResponsesCount() == 0) {
            throw new DeviceProblem("no containers return in allocation response " + answer);
        }
        return answer.getContainerResponses(0);
    }

    /** A container with these devices is about to start. */
    void preStart(Collection<String> ids) throws DeviceProblem, InterruptedException {
        if (options.getPreStartRequired()) {
            var _ = ask(() -> stub(PRE_START_MAX)
                    .preStartContainer(PreStartContainerRequest.newBuilder()
                            .addAllDevicesIds(ids)
                            .build()));
        }
    }

    /** Leaves it; nobody is told. */
    @Override
    public void close() {
        closed = true;
        channel.shutdownNow();
        thread.interrupt();
    }
}
