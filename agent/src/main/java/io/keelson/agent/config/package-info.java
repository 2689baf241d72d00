/**
 * How a node's agent is set up: {@code KubeletConfiguration} of {@code kubelet.config.k8s.io/v1beta1} and the flags of
 * the kubelet 1.36.
 *
 * <pre>
 *   file, then drop-ins in order   {@link io.keelson.agent.config.ConfigurationFiles}  merged into one object
 *   flags                          {@link io.keelson.agent.config.AgentFlags}          written over it
 *     what may stand there         {@link io.keelson.agent.config.ConfigurationFields} one line for each field
 *     {@link io.keelson.agent.config.KubeletConfiguration}                             with defaults, checked, typed
 * </pre>
 *
 * <p>A field or flag that changes nothing here is told of with the reason; one without which the node would be another
 * one than its administrator believes is refused. Nothing is read again after the start.
 */
@NullMarked
package io.keelson.agent.config;

import org.jspecify.annotations.NullMarked;
