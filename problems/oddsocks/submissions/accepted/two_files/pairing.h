#pragma once

long long pair_off(long long left, long long sock);
