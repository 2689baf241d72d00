package io.keelson.cloud.command;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.cloud.CloudException;
import io.keelson.cloud.CloudProvider;
import io.keelson.cloud.config.ConfigException;
import io.keelson.controllers.leader.LedProcess;
import io.keelson.controllers.manager.RunningControllers;
import io.keelson.controllers.runtime.ControllerMetrics;
import java.io.IOException;
import java.util.List;

/** An open provider, and the controllers that ask it. */
final class RunningCloud implements LedProcess.Started {
    private final CloudProvider provider;
    private final RunningControllers controllers;

    /**
     * Opens the provider and starts the controllers.
     *
     * @param interceptors see each call to the API
     * @throws CloudException if the provider cannot be opened, as its file has changed since it was looked at say
     */
    RunningCloud(
            Config config,
            List<Interceptor> interceptors,
            ProviderChoice choice,
            CloudControllers chosen,
            ControllerMetrics metrics)
            throws InterruptedException {
        try {
            provider = choice.open();
        } catch (ConfigException | IOException e) {
            throw new CloudException(String.valueOf(e.getMessage()), e);
        }
        boolean ready = false;
        try {
            controllers = new RunningControllers(config, interceptors, chosen.with(provider), metrics);
            ready = true;
        } finally {
            if (!ready) {
                provider.close();
            }
        }
    }

    /** The controllers first: what they are in the middle of still has a provider. */
    @Override
    public void close() {
        controllers.close();
        provider.close();
    }
}
