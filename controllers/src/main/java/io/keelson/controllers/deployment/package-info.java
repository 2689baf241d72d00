/**
 * Brings Deployments to their template and size by way of ReplicaSets, one for each template they had.
 *
 * <p>A change of a Deployment or of one of its ReplicaSets brings the Deployment's key. {@link
 * io.keelson.controllers.deployment.DeploymentController} takes the two from the caches, and {@link
 * io.keelson.controllers.deployment.Rollout} takes one step: the ReplicaSet of the template is found or made ({@link
 * io.keelson.controllers.deployment.NewReplicaSet}), sizes are changed ({@link
 * io.keelson.controllers.deployment.RollingUpdate}, {@link io.keelson.controllers.deployment.Scaling}), ReplicaSets that
 * nobody goes back to any more are deleted ({@link io.keelson.controllers.deployment.History}), and the status is written
 * ({@link io.keelson.controllers.deployment.StatusCalculation}, {@link io.keelson.controllers.deployment.Progress}). What
 * the step changes brings the key again, until nothing is left to do.
 *
 * <p>Only {@link io.keelson.controllers.deployment.DeploymentApi} speaks to the API; all else computes. What users and
 * {@code kubectl rollout} read of it stands in {@link io.keelson.controllers.deployment.Annotations} and the conditions.
 */
@NullMarked
package io.keelson.controllers.deployment;

import org.jspecify.annotations.NullMarked;
