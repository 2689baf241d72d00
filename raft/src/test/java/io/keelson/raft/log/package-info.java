/** What is claimed of the log, and the machinery that breaks it: cut writes, flipped bits, full disks, power cuts. */
@NullMarked
package io.keelson.raft.log;

import org.jspecify.annotations.NullMarked;
