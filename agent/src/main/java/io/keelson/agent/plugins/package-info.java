/**
 * Plugins of this node that tell of themselves: each puts a socket into {@code plugins_registry}, is asked there what
 * it is, and is told whether it was taken ({@code pluginregistration.Registration}).
 *
 * <pre>
 *   {@link io.keelson.agent.plugins.PluginFolder}       sees sockets come, change and go
 *     {@link io.keelson.agent.plugins.PluginEntry}      one socket, on a thread of its own: asks, hands on, answers
 *       {@link io.keelson.agent.plugins.PluginHandler}  what becomes of plugins of a type
 *         {@link io.keelson.agent.plugins.CsiPlugins}   CSIPlugin: volumes can be had from it, and the CSINode says so
 *           {@link io.keelson.agent.plugins.CsiNodeObject}
 * </pre>
 *
 * <p>Those of other types are for other rooms, which bring a handler.
 */
@NullMarked
package io.keelson.agent.plugins;

import org.jspecify.annotations.NullMarked;
