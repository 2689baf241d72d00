package io.keelson.agent.claims;

import io.fabric8.kubernetes.api.model.ResourceHealth;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusException;
import io.grpc.stub.ClientCalls;
import io.keelson.agent.cri.RuntimeError;
import io.keelson.agent.plugins.Plugin;
import io.keelson.agent.plugins.PluginHandler;
import io.keelson.agent.plugins.PluginProblem;
import io.keelson.agent.wire.dra.Claim;
import io.keelson.agent.wire.dra.DRAPluginGrpc;
import io.keelson.agent.wire.dra.NodePrepareResourceResponse;
import io.keelson.agent.wire.dra.NodePrepareResourcesRequest;
import io.keelson.agent.wire.dra.NodeUnprepareResourceResponse;
import io.keelson.agent.wire.dra.NodeUnprepareResourcesRequest;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Time;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The drivers of claimed devices that have registered at this node. What a driver that is gone has told of devices
 * here is deleted from the API after half a minute, so that the scheduler gives none of them away. Any thread.
 */
public final class DraDrivers implements PluginHandler, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DraDrivers.class);
    private static final Duration CALL_MAX = Duration.ofSeconds(45);
    private static final Duration SLICES_STAY = Duration.ofSeconds(30);
    private static final String NEW = "v1.DRAPlugin";
    private static final String OLD = "v1beta1.DRAPlugin";
    private static final int DRIVERS_MAX = 256;

    private final String node;
    private final KubernetesClient client;
    private final Function<Path, ManagedChannel> connector;
    private final Time time;
    private final Map<String, Driver> drivers = new HashMap<>();
    private volatile BiConsumer<String, Set<DeviceName>> onHealth = (driver, devices) -> {};
    private boolean closed;

    /** @param old whether it speaks v1beta1 only, in which messages look the same and services are called otherwise */
    private record Driver(Path endpoint, ManagedChannel channel, boolean old, DriverHealth health) {
        <Q, A> MethodDescriptor<Q, A> method(MethodDescriptor<Q, A> method) {
            return old
                    ? method.toBuilder()
                            .setFullMethodName(method.getFullMethodName().replace(".dra.v1.", ".dra.v1beta1."))
                            .build()
                    : method;
        }

        /** What it was asked for is still answered. */
        void end() {
            health.close();
            channel.shutdown();
        }
    }

    /**
     * None yet.
     *
     * @param node its name
     * @param connector connects to a Unix socket
     */
    public DraDrivers(String node, KubernetesClient client, Function<Path, ManagedChannel> connector, Time time) {
        this.node = node;
        this.client = client;
        this.connector = connector;
        this.time = time;
    }

    /** Drivers of before that do not come back within half a minute are gone. */
    public void start() {
        time.after(SLICES_STAY, this::wipeLater);
    }

    @Override
    public void register(Plugin plugin) throws PluginProblem {
        boolean isNew = plugin.versions().contains(NEW);
        if (!isNew && !plugin.versions().contains(OLD)) {
            throw new PluginProblem("DRA driver \"" + plugin.name() + "\" speaks " + plugin.versions()
                    + ", of which none is supported: it must speak " + NEW + " or " + OLD);
        }
        Driver before;
        Driver now;
        synchronized (this) {
            if (closed || (!drivers.containsKey(plugin.name()) && drivers.size() >= DRIVERS_MAX)) {
                throw new PluginProblem(
                        closed ? "the agent ends" : "there are more than " + DRIVERS_MAX + " DRA drivers");
            }
            ManagedChannel channel = connector.apply(plugin.endpoint());
            DriverHealth health =
                    new DriverHealth(plugin.name(), channel, time, devices -> onHealth.accept(plugin.name(), devices));
            now = new Driver(plugin.endpoint(), channel, !isNew, health);
            before = drivers.put(plugin.name(), now);
        }
        if (before != null) {
            before.end();
        }
        now.health().start();
    }

    /**
     * Who is told, before any driver registers, of which devices of a driver another health is known than before. He must
     * be quick.
     */
    void onHealth(BiConsumer<String, Set<DeviceName>> listener) {
        onHealth = listener;
    }

    /** How a device is, under the name that its user knows. */
    ResourceHealth health(String driver, DeviceName device, String resourceId) {
        Driver known;
        synchronized (this) {
            known = drivers.get(driver);
        }
        return known == null ? DriverHealth.unknown(resourceId) : known.health().of(device, resourceId);
    }

    @Override
    public void deregister(Plugin plugin) {
        Driver gone;
        synchronized (this) {
            Driver known = drivers.get(plugin.name());
            if (known == null || !known.endpoint().equals(plugin.endpoint())) {
                return;
            }
            gone = known;
            drivers.remove(plugin.name());
        }
        Set<DeviceName> devices = gone.health().devices();
        gone.end();
        onHealth.accept(plugin.name(), devices);
        time.after(SLICES_STAY, this::wipeLater);
    }

    private void wipeLater() {
        Thread.ofVirtual().name("resource-slices").start(this::wipe);
    }

    private synchronized boolean isThere(String driver) {
        return closed || drivers.containsKey(driver);
    }

    private void wipe() {
        try {
            for (ResourceSlice slice : client.resources(ResourceSlice.class)
                    .withField("spec.nodeName", node)
                    .list()
                    .getItems()) {
                if (!isThere(OrEmpty.of(slice.getSpec().getDriver()))) {
                    var _ = client.resource(slice).delete();
                    LOG.info(
                            "{} is deleted: its driver is gone",
                            slice.getMetadata().getName());
                }
            }
        } catch (KubernetesClientException e) {
            LOG.warn("devices of drivers that are gone are told of for another while: {}", e.getMessage());
            time.after(SLICES_STAY, this::wipeLater);
        }
    }

    private synchronized Driver get(String name) throws ClaimProblem {
        Driver driver = drivers.get(name);
        if (driver == null) {
            throw new ClaimProblem("DRA driver " + name + " is not registered");
        }
        return driver;
    }

    private static <Q, A> A ask(Driver driver, MethodDescriptor<Q, A> method, Q question, String what)
            throws ClaimProblem, InterruptedException {
        CallOptions limit = CallOptions.DEFAULT.withDeadlineAfter(CALL_MAX.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return ClientCalls.blockingV2UnaryCall(driver.channel(), driver.method(method), limit, question);
        } catch (StatusException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while a DRA driver was asked");
            }
            throw new ClaimProblem(what + " failed: " + RuntimeError.text(e.getStatus()), e);
        }
    }

    private static Claim told(UsedClaim claim) {
        return Claim.newBuilder()
                .setNamespace(claim.namespace())
                .setName(claim.name())
                .setUid(claim.uid())
                .build();
    }

    /** Has a driver make ready what a claim was given of its devices. */
    List<ReadyDevice> prepare(String driver, UsedClaim claim) throws ClaimProblem, InterruptedException {
        NodePrepareResourceResponse answer = ask(
                        get(driver),
                        DRAPluginGrpc.getNodePrepareResourcesMethod(),
                        NodePrepareResourcesRequest.newBuilder()
                                .addClaims(told(claim))
                                .build(),
                        "NodePrepareResources")
                .getClaimsMap()
                .get(claim.uid());
        if (answer == null) {
            throw new ClaimProblem("NodePrepareResources skipped 1 ResourceClaims");
        }
        if (!answer.getError().isEmpty()) {
            throw new ClaimProblem(
                    "NodePrepareResources failed for ResourceClaim " + claim.name() + ": " + answer.getError());
        }
        List<ReadyDevice> devices = new ArrayList<>();
        answer.getDevicesList()
                .forEach(device -> devices.add(new ReadyDevice(
                        device.getRequestNamesList(),
                        device.getPoolName(),
                        device.getDeviceName(),
                        device.getCdiDeviceIdsList())));
        return devices;
    }

    /** Has a driver take back what it has made ready. */
    void unprepare(String driver, UsedClaim claim) throws ClaimProblem, InterruptedException {
        NodeUnprepareResourceResponse answer = ask(
                        get(driver),
                        DRAPluginGrpc.getNodeUnprepareResourcesMethod(),
                        NodeUnprepareResourcesRequest.newBuilder()
                                .addClaims(told(claim))
                                .build(),
                        "NodeUnprepareResources")
                .getClaimsMap()
                .get(claim.uid());
        if (answer == null) {
            throw new ClaimProblem("NodeUnprepareResources skipped 1 ResourceClaims");
        }
        if (!answer.getError().isEmpty()) {
            throw new ClaimProblem(
                    "NodeUnprepareResources failed for ResourceClaim " + claim.name() + ": " + answer.getError());
        }
    }

    /** Ends all connections. */
    @Override
    public synchronized void close() {
        closed = true;
        drivers.values().forEach(driver -> {
            driver.health().close();
            driver.channel().shutdownNow();
        });
        drivers.clear();
    }
}
