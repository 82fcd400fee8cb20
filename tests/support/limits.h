/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The limits of the process, for the cases that reach them.  Native only. */
#ifndef TESTS_SUPPORT_LIMITS_H
#define TESTS_SUPPORT_LIMITS_H

/* How many descriptors the process may have. 0: it may not have so many. */
int limit_descriptors(unsigned count);

/* Takes all descriptors that the process may still have, but the last n_left;
   and gives them back. */
void descriptors_exhaust(unsigned n_left);
void descriptors_relax(void);

/* How many memory mappings the process has. */
unsigned mappings_count(void);

#endif
