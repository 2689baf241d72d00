/** What any runtime behind CRI has to pass. */
@NullMarked
package io.keelson.agent.cri;

import org.jspecify.annotations.NullMarked;
