/**
 * The files into which runtimes write what containers say: {@code NAMESPACE_NAME_UID/CONTAINER/RUN.log}, in CRI's
 * format, one line of a container being one or more lines of {@code TIME STREAM P|F TEXT}.
 *
 * <pre>
 *   {@link io.keelson.agent.logs.ContainerLog}   opens a file, finds the last lines, and follows it over rotations
 *        └─ {@link io.keelson.agent.logs.LogLines}  takes bytes apart into lines, and nothing else
 *   {@link io.keelson.agent.logs.LogSweep}       looks at the runtime's containers every now and then
 *        ├─ {@link io.keelson.agent.logs.RotatedLogs}  moves a file away, compresses and removes older ones
 *        └─ {@link io.keelson.agent.logs.LogLinks}     links by readable names, for those who collect logs
 * </pre>
 *
 * <p>Readers need nothing from the sweep: a file that another one has taken the place of is read to its end first.
 */
@NullMarked
package io.keelson.agent.logs;

import org.jspecify.annotations.NullMarked;
