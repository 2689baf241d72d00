package io.keelson.controllers.deployment;

/**
 * How Deployments are looked after.
 *
 * @param concurrentDeploymentSyncs how many at a time: {@code --concurrent-deployment-syncs}
 */
public record DeploymentSettings(int concurrentDeploymentSyncs) {
    /** As the flags are if they are not given. */
    public static final DeploymentSettings DEFAULT = new DeploymentSettings(5);
}
