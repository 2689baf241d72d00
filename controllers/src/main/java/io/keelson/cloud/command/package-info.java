/**
 * {@code keelson cloud-controller-manager}: one process that runs the cloud's controllers against a provider. Flags
 * come in through {@link io.keelson.cloud.command.CloudControllerManagerCommand}; {@link
 * io.keelson.cloud.command.ProviderChoice} knows the providers by name; while the process leads, {@link
 * io.keelson.cloud.command.RunningCloud} holds the provider open and runs those of the {@link
 * io.keelson.cloud.command.CloudControllers} that it has parts for.
 */
@NullMarked
package io.keelson.cloud.command;

import org.jspecify.annotations.NullMarked;
