/** What strategies of built-in kinds have in common: filling in defaults, keeping status and specification apart. */
@NullMarked
package io.keelson.apiserver.kinds.common;

import org.jspecify.annotations.NullMarked;
