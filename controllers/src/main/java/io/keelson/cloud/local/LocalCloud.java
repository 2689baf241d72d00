package io.keelson.cloud.local;

import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.LoadBalancers;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The provider {@code local}: load balancers in this process, at addresses of this machine. */
public final class LocalCloud implements CloudProvider {
    /** As {@code --cloud-provider} has it. */
    public static final String NAME = "local";

    private final LocalLoadBalancers balancers;

    /**
     * One without load balancers.
     *
     * @param leads whether this process leads at a moment: addresses are brought and announced only then
     */
    public LocalCloud(LocalSettings settings, BooleanSupplier leads) {
        balancers = new LocalLoadBalancers(settings, IpCommand.MACHINE, leads);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<LoadBalancers> loadBalancers() {
        return Optional.of(balancers);
    }

    @Override
    public void close() {
        balancers.close();
    }
}
