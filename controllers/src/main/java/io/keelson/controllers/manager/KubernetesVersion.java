package io.keelson.controllers.manager;

import picocli.CommandLine.IVersionProvider;

/** What {@code --version} says: which Kubernetes a component is like. */
public final class KubernetesVersion implements IVersionProvider {
    /** As nodes and programs tell it. */
    public static final String NUMBER = "v1.36.0+keelson";

    @Override
    public String[] getVersion() {
        return new String[] {"Kubernetes " + NUMBER};
    }
}
