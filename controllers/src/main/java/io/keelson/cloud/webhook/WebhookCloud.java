package io.keelson.cloud.webhook;

import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.Instances;
import io.keelson.cloud.LoadBalancers;
import io.keelson.cloud.Routes;
import io.keelson.cloud.Zones;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The provider {@code webhook}: what a server answers. */
public final class WebhookCloud implements CloudProvider {
    /** As {@code --cloud-provider} has it. */
    public static final String NAME = "webhook";

    private final WebhookSettings settings;
    private final WebhookClient client;
    private final WebhookInstances instances;

    /**
     * The server that settings name; it is not asked yet.
     *
     * @param leads whether this process leads at a moment: the server is told to change something only then
     * @throws IOException if the certificates cannot be read by which it is trusted
     */
    public WebhookCloud(WebhookSettings settings, BooleanSupplier leads) throws IOException {
        this.settings = settings;
        client = new WebhookClient(settings, leads);
        instances = new WebhookInstances(client);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<Instances> instances() {
        return has("instances") ? Optional.of(instances) : Optional.empty();
    }

    @Override
    public Optional<Zones> zones() {
        return has("zones") ? Optional.of(instances::zone) : Optional.empty();
    }

    @Override
    public Optional<Routes> routes() {
        return has("routes") ? Optional.of(new WebhookRoutes(client)) : Optional.empty();
    }

    @Override
    public Optional<LoadBalancers> loadBalancers() {
        return has("loadBalancers") ? Optional.of(new WebhookLoadBalancers(client)) : Optional.empty();
    }

    private boolean has(String part) {
        return settings.parts().contains(part);
    }

    @Override
    public void close() {
        client.close();
    }
}
