package io.keelson.cloud.command;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.CloudProvider;
import io.keelson.controllers.config.ConfigException;
import io.keelson.controllers.leader.Fence;
import io.keelson.controllers.leader.LedProcess;
import io.keelson.controllers.manager.RunningControllers;
import io.keelson.controllers.runtime.ControllerMetrics;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A provider, and the controllers that ask it. The provider is opened no earlier than this process leads: of two, one announces
 * addresses.
 */
final class RunningCloud implements LedProcess.Prepared {
    private final Config config;
    private final List<Interceptor> interceptors;
    private final ProviderChoice choice;
    private final CloudControllers chosen;
    private final ControllerMetrics metrics;
    private @Nullable CloudProvider provider;
    private @Nullable RunningControllers controllers;

    /** @param interceptors see each call to the API */
    RunningCloud(
            Config config,
            List<Interceptor> interceptors,
            ProviderChoice choice,
            CloudControllers chosen,
            ControllerMetrics metrics) {
        this.config = config;
        this.interceptors = interceptors;
        this.choice = choice;
        this.chosen = chosen;
        this.metrics = metrics;
    }

    /** Nothing: which controllers there are is known once the provider is open. */
    @Override
    public void fill() {}

    /**
     * Opens the provider and starts the controllers.
     *
     * @throws CloudException if the provider cannot be opened, as its file has changed since it was looked at say
     */
    @Override
    public void start() throws InterruptedException {
        CloudProvider opened;
        try {
            opened = choice.open(Fence.among(interceptors));
        } catch (ConfigException | IOException e) {
            throw new CloudException(String.valueOf(e.getMessage()), e);
        }
        provider = opened;
        RunningControllers running = new RunningControllers(config, interceptors, chosen.with(opened), false, metrics);
        controllers = running;
        running.start();
    }

    /** The controllers first: what they are in the middle of still has a provider. */
    @Override
    public void close() {
        if (controllers != null) {
            controllers.close();
        }
        if (provider != null) {
            provider.close();
        }
    }
}
