/** Strategies of the batch group: jobs, and jobs by the clock. */
@NullMarked
package io.keelson.apiserver.kinds.batch;

import org.jspecify.annotations.NullMarked;
