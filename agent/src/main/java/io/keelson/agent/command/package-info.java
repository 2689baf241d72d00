/**
 * {@code keelson agent}: reads what it is told, and puts the parts of a node together.
 *
 * <pre>
 *   flags, KubeletConfiguration ──► {@link io.keelson.agent.command.NodePlan} ──► {@link io.keelson.agent.command.RunningNode}
 *                                                            │ {@code NodeRuntime}  a socket's runtime, or the embedded one
 *                                                            │ {@code NodeParts}    images, volumes, variables, names, cgroups
 *                                                            │   {@code NodePlacement}  processors of one's own, NUMA nodes
 *                                                            │ {@code NodePlugins}  storage, devices, drivers of claims
 *                                                            │ {@link io.keelson.agent.Agent}      the pods
 *                                                            └ {@code NodeUpkeep}   what is done now and then
 * </pre>
 */
@NullMarked
package io.keelson.agent.command;

import org.jspecify.annotations.NullMarked;
