package io.keelson.controllers.manager;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says: which Kubernetes a component is like. */
public final class KubernetesVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"Kubernetes v1.36.0+keelson"};
    }
}
