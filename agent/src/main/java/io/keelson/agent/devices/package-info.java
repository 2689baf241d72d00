/**
 * Devices that plugins share out ({@code v1beta1}): which there are, who has which, and what a container is told of
 * its own.
 *
 * <pre>
 *   {@link io.keelson.agent.devices.RegistrationService}  device-plugins/kubelet.sock: plugins tell of themselves
 *     {@link io.keelson.agent.devices.NodeDevices}        all of it together; others ask this one
 *       {@link io.keelson.agent.devices.PluginSession}    one plugin: follows its devices, asks it for what they need
 *       {@link io.keelson.agent.devices.DevicePool}       the devices of a resource, as they were told last
 *       {@link io.keelson.agent.devices.DeviceHints}      from which NUMA nodes they could come
 *       {@link io.keelson.agent.devices.DeviceChoice}     which of those that are free
 *       {@link io.keelson.agent.devices.DeviceAccount}    who has which, and {@code kubelet_internal_checkpoint}
 *       {@link io.keelson.agent.devices.Allocator}        gives a pod what it asks for, container by container
 * </pre>
 *
 * <p>{@link io.keelson.agent.devices.DeviceSource} has pods served when they are let in, and {@link
 * io.keelson.agent.devices.DeviceResources} brings it to containers. A pod is given its devices when it is let in, and
 * keeps them until its cgroup is released; what it has is on the disk before it is let in, so a restart gives to nobody
 * twice. A plugin that ends takes nothing from those that have something: its devices are only not given to others while
 * it is away, and pods that have some show them as {@code Unknown}.
 */
@NullMarked
package io.keelson.agent.devices;

import org.jspecify.annotations.NullMarked;
