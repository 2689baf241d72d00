/**
 * One API server in a process of its own is attacked by clients that mean no good, and by clients that have a name and mean
 * none, while others that behave go on.
 *
 * <pre>
 *  AttackedServer   the process, and what it takes of memory, threads and sockets
 *       ▲
 *  ApiTarget  ◄── ApiAttack      one way to wrong it, struck again and again by ApiSiege
 *             ◄── GoodApiClients create, read, change, list, delete and watch ──► WriteLedger
 *
 *                 HostileApiRun puts it together, for scripts/hostile api, and judges
 * </pre>
 */
@NullMarked
package io.keelson.dist.hostile;

import org.jspecify.annotations.NullMarked;
