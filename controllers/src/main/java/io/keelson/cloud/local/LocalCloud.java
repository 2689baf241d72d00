package io.keelson.cloud.local;

import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.LoadBalancers;
import java.util.Optional;

/** The provider {@code local}: load balancers in this process, at addresses of this machine. */
public final class LocalCloud implements CloudProvider {
    /** As {@code --cloud-provider} has it. */
    public static final String NAME = "local";

    private final LocalLoadBalancers balancers;

    /** One without load balancers. */
    public LocalCloud(LocalSettings settings) {
        this(settings, IpCommand.MACHINE);
    }

    LocalCloud(LocalSettings settings, IpCommand ip) {
        balancers = new LocalLoadBalancers(settings, ip);
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
