export * from 'holdfast/react';
